;; A flavor for this contract and for a later one: the one that is known counts.
(component
  (instance $flavor)
  (export "crhost:flavor/flavor@0.2.0" (instance $flavor))
  (export "crhost:flavor/flavor@0.1.0" (instance $flavor)))
