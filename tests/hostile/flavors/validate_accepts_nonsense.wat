;; It says yes, and names a place that is none.
(module
  (memory (export "memory") 1)
  (data (i32.const 0) "drawback")
  (data (i32.const 16) "1.0.0")
  (data (i32.const 32) "A test flavor")
  (data (i32.const 48) "localhost:5000")
  ;; The list of examples, then the description.
  (data (i32.const 512) "\30\00\00\00\0e\00\00\00")
  (data (i32.const 1024) "\00\00\00\00\08\00\00\00\10\00\00\00\05\00\00\00\20\00\00\00\0d\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\02\00\00\01\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00")
  (data (i32.const 3200) "https://evil.example/?x")
  ;; Yes: that text, and no warnings.
  (data (i32.const 3072) "\00\00\00\00\80\0c\00\00\17\00\00\00\00\00\00\00\00\00\00\00")
  (func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
    (i32.const 1024))
  (func (export "crhost:flavor/flavor@0.1.0#validate-uri") (param i32 i32) (result i32)
    (i32.const 3072))
  (func (export "crhost:flavor/flavor@0.1.0#prepare-image-push") (param i32) (result i32)
    unreachable)
  (func (export "crhost:flavor/flavor@0.1.0#credentials") (param i32) (result i32)
    unreachable)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (i32.const 2048)))
