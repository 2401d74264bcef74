;; A door of its own into the network.
(component
  (import "wasi:sockets/tcp@0.2.0" (instance))
  (instance $flavor)
  (export "crhost:flavor/flavor@0.1.0" (instance $flavor)))
