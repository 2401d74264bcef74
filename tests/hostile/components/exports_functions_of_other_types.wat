;; All functions are there, and none is what the contract says. To find that out, nothing of it has to run.
(component
  (core module $m
    (func (export "answer") (result i32) (i32.const 7))
    (func $start unreachable)
    (start $start))
  (core instance $i (instantiate $m))
  (func $answer (result u32) (canon lift (core func $i "answer")))
  (instance $flavor
    (export "describe" (func $answer))
    (export "validate-uri" (func $answer))
    (export "prepare-image-push" (func $answer))
    (export "credentials" (func $answer)))
  (export "crhost:flavor/flavor@0.1.0" (instance $flavor)))
