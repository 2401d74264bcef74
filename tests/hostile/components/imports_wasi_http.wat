;; The door that everyone else has, and flavors have not.
(component
  (import "wasi:http/outgoing-handler@0.2.0" (instance))
  (instance $flavor)
  (export "crhost:flavor/flavor@0.1.0" (instance $flavor)))
