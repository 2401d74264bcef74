;; It calls what an empty table holds.
(table 1 funcref)
(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
  (call_indirect (result i32) (i32.const 0)))
