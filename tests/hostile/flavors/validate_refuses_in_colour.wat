;; It says no in a way that writes over the terminal.
(module
  (memory (export "memory") 1)
  (data (i32.const 0) "drawback")
  (data (i32.const 16) "1.0.0")
  (data (i32.const 32) "A test flavor")
  (data (i32.const 48) "localhost:5000")
  ;; The list of examples, then the description.
  (data (i32.const 512) "\30\00\00\00\0e\00\00\00")
  (data (i32.const 1024) "\00\00\00\00\08\00\00\00\10\00\00\00\05\00\00\00\20\00\00\00\0d\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\02\00\00\01\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00")
  (data (i32.const 3200) "\1b\5b\32\4a\0d\65\72\72\6f\72\3a\20\61\6c\6c\20\69\73\20\77\65\6c\6c\0a\68\69\6e\74\3a\20\72\75\6e\20\6d\65")
  ;; No: invalid input, that message, no hint.
  (data (i32.const 3072) "\01\00\00\00\00\00\00\00\80\0c\00\00\24\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00")
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
