;; The right name, and what bears it is a function.
(component
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  (export "crhost:flavor/flavor@0.1.0" (func $f)))
