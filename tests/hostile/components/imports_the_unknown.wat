;; Something that nobody offers.
(component
  (import "evil:host/x" (instance))
  (instance $flavor)
  (export "crhost:flavor/flavor@0.1.0" (instance $flavor)))
