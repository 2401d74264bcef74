;; A flavor for a contract that this crhost has never heard of.
(component
  (instance $flavor)
  (export "crhost:flavor/flavor@0.2.0" (instance $flavor)))
