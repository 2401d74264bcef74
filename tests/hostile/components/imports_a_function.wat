;; Not even an interface.
(component
  (import "run" (func (param "command" string)))
  (instance $flavor)
  (export "crhost:flavor/flavor@0.1.0" (instance $flavor)))
