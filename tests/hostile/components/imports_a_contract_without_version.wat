;; A door of any crhost.
(component
  (import "crhost:flavor/http" (instance))
  (instance $flavor)
  (export "crhost:flavor/flavor@0.1.0" (instance $flavor)))
