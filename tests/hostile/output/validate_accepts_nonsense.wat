;; It says yes, and names a place that is none.
(data (i32.const 5000) (i32 0  5100 23  0 0))
(data (i32.const 5100) "https://evil.example/?x")
(func (export "crhost:flavor/flavor@0.1.0#validate-uri") (param i32 i32) (result i32)
  (i32.const 5000))
