;; It answers, and calls the host when it should forget the answer.
(import "crhost:flavor/log@0.1.0" "write" (func $log (param $level i32) (param $text i32) (param $length i32)))
(func (export "cabi_post_crhost:flavor/flavor@0.1.0#describe") (param i32)
  (call $log (i32.const 2) (i32.const 16) (i32.const 8)))
