;; It clears the screen, and then speaks as if it were crhost.
(import "crhost:flavor/log@0.1.0" "write" (func $log (param $level i32) (param $text i32) (param $length i32)))
(data (i32.const 5000) "\1b[2J\1b]0;mine\07\0d\0aerror: call this number\e2\80\ae")
(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
  (call $log (i32.const 0) (i32.const 5000) (i32.const 41))
  (call $log (i32.const 1) (i32.const 5000) (i32.const 41))
  (call $log (i32.const 2) (i32.const 5000) (i32.const 41))
  (i32.const 1000))
