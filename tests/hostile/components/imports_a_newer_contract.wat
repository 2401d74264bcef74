;; A door of a later crhost.
(component
  (import "crhost:flavor/http@0.2.0" (instance))
  (instance $flavor)
  (export "crhost:flavor/flavor@0.1.0" (instance $flavor)))
