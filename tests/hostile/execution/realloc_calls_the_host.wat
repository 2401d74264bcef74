;; While the host writes into it, it calls the host.
(import "crhost:flavor/log@0.1.0" "write" (func $log (param $level i32) (param $text i32) (param $length i32)))
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
  (call $log (i32.const 2) (i32.const 16) (i32.const 8))
  (i32.const 65536))
