;; Code from elsewhere.
(component
  (import "more" (core module))
  (instance $flavor)
  (export "crhost:flavor/flavor@0.1.0" (instance $flavor)))
