;; One line of 10 MiB.
(import "crhost:flavor/log@0.1.0" "write" (func $log (param $level i32) (param $text i32) (param $length i32)))
(memory (export "memory") 200)
(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
  (call $log (i32.const 2) (i32.const 65536) (i32.const 0xa00000))
  (i32.const 1000))
