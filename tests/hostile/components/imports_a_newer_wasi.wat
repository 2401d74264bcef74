;; WASI of a kind that is not on offer.
(component
  (import "wasi:clocks/monotonic-clock@0.3.0" (instance))
  (instance $flavor)
  (export "crhost:flavor/flavor@0.1.0" (instance $flavor)))
