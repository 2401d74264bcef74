;; It clears the screen, and then speaks as if it were crhost, where a program of its own would say what is wrong.
(import "wasi:cli/stderr@0.2.0" "get-stderr" (func $stream (result i32)))
(import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush" (func $write
  (param $stream i32) (param $text i32) (param $length i32) (param $answer i32)))
(data (i32.const 5000) "\1b[2J\1b]0;mine\07\0d\0aerror: call this number\e2\80\ae")
(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
  (call $write (call $stream) (i32.const 5000) (i32.const 41) (i32.const 6000))
  (i32.const 1000))
