;; It gives back the same handle twice.
(import "wasi:cli/stderr@0.2.0" "get-stderr" (func $stream (result i32)))
(import "wasi:io/streams@0.2.0" "[resource-drop]output-stream" (func $drop (param i32)))
(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
  (local $stream i32)
  (local.set $stream (call $stream))
  (call $drop (local.get $stream))
  (call $drop (local.get $stream))
  (i32.const 1000))
