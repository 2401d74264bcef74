;; It signs with a key that it was not given.
(import "crhost:flavor/secrets@0.1.0" "[method]secret.hmac-sha256" (func $hmac
  (param $secret i32) (param $prefix i32) (param $prefix_length i32) (param $text i32) (param $text_length i32)
  (param $answer i32)))
(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
  (call $hmac (i32.const 7) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 6000))
  (i32.const 1000))
