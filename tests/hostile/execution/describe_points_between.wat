;; Its description lies where no record may begin.
(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
  (i32.const 1001))
