;; A line that is no UTF-8.
(import "crhost:flavor/log@0.1.0" "write" (func $log (param $level i32) (param $text i32) (param $length i32)))
(data (i32.const 5000) "\ff\fe")
(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
  (call $log (i32.const 2) (i32.const 5000) (i32.const 2))
  (i32.const 1000))
