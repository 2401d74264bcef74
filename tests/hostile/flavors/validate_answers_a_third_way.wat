;; Neither yes nor no.
(module
  (memory (export "memory") 1)
  (data (i32.const 0) "drawback")
  (data (i32.const 16) "1.0.0")
  (data (i32.const 32) "A test flavor")
  (data (i32.const 48) "localhost:5000")
  ;; The list of examples, then the description.
  (data (i32.const 512) "\30\00\00\00\0e\00\00\00")
  (data (i32.const 1024) "\00\00\00\00\08\00\00\00\10\00\00\00\05\00\00\00\20\00\00\00\0d\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\02\00\00\01\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00")
  ;; An answer that begins with 7, where 0 is yes and 1 is no.
  (data (i32.const 3072) "\07")
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
