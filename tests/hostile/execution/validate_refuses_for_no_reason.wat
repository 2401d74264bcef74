;; No, for a reason beyond the last of nine.
(data (i32.const 5000) (i32 1 9))
(func (export "crhost:flavor/flavor@0.1.0#validate-uri") (param i32 i32) (result i32)
  (i32.const 5000))
