;; A function that answers when it likes.
(component
  (core module $m (func (export "f") (result i32) unreachable))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f") async))
  (instance $flavor)
  (export "crhost:flavor/flavor@0.1.0" (instance $flavor)))
