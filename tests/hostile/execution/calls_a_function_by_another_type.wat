;; It calls a function as if it were another.
(table funcref (elem $number))
(func $number (result i64) (i64.const 0x7fffffffffffffff))
(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
  (call_indirect (result i32) (i32.const 0)))
