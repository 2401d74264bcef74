;; The name of an import on offer, with a function that it does not have.
(component
  (import "crhost:flavor/clock@0.1.0" (instance
    (export "wind-back" (func (param "seconds" u64)))))
  (instance $flavor)
  (export "crhost:flavor/flavor@0.1.0" (instance $flavor)))
