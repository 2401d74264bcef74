;; It writes 4 KiB at a time, without end, and does not care whether anyone takes them.
(import "wasi:cli/stderr@0.2.0" "get-stderr" (func $stream (result i32)))
(import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush" (func $write
  (param $stream i32) (param $text i32) (param $length i32) (param $answer i32)))
(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
  (local $stream i32)
  (local.set $stream (call $stream))
  (loop $again
    (call $write (local.get $stream) (i32.const 65536) (i32.const 4096) (i32.const 6000))
    (br $again))
  unreachable)
