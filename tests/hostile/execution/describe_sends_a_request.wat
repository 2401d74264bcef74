;; It asks around before it says who it is, which the contract forbids.
(import "crhost:flavor/http@0.1.0" "send" (func $send
  (param $method i32) (param $url i32) (param $url_length i32) (param $headers i32) (param $headers_length i32)
  (param $body i32) (param i32 i32 i32 i32) (param $answer i32)))
(data (i32.const 5000) "https://localhost:9/")
(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
  (call $send
    (i32.const 0) (i32.const 5000) (i32.const 20) (i32.const 0) (i32.const 0)
    (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 6000))
  (i32.const 1000))
