;; A good start, and then it thinks for ever.
(func (export "crhost:flavor/flavor@0.1.0#validate-uri") (param i32 i32) (result i32)
  (loop $again (br $again))
  unreachable)
