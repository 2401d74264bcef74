;; It blocks on a stream as if it were a clock.
(import "wasi:cli/stderr@0.2.0" "get-stderr" (func $stream (result i32)))
(import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))
(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
  (call $block (call $stream))
  (i32.const 1000))
