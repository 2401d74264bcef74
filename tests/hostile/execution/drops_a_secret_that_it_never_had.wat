;; It gives back what it was not given.
(import "crhost:flavor/secrets@0.1.0" "[resource-drop]secret" (func $drop (param i32)))
(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
  (call $drop (i32.const 7))
  (i32.const 1000))
