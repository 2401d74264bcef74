;; The right name, and nothing under it.
(component
  (instance $flavor)
  (export "crhost:flavor/flavor@0.1.0" (instance $flavor)))
