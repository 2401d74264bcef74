;; The last letter of its name is the last digit of the time.
(import "crhost:flavor/clock@0.1.0" "now" (func $now (result i64)))
(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
  (i32.store8 (i32.const 23) (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (call $now) (i64.const 10)))))
  (i32.const 1000))
