;; Data without end between guest and host.
(component
  (type $bytes (stream u8))
  (instance $flavor)
  (export "crhost:flavor/flavor@0.1.0" (instance $flavor)))
