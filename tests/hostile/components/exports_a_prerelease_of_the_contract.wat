;; A flavor for a contract that was not yet what it became.
(component
  (instance $flavor)
  (export "crhost:flavor/flavor@0.1.0-rc.1" (instance $flavor)))
