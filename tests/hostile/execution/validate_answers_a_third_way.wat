;; An answer that begins with 7, where 0 is yes and 1 is no.
(data (i32.const 5000) "\07")
(func (export "crhost:flavor/flavor@0.1.0#validate-uri") (param i32 i32) (result i32)
  (i32.const 5000))
