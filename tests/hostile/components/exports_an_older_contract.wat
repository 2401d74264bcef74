;; A flavor from before there was a contract.
(component
  (instance $flavor)
  (export "crhost:flavor/flavor@0.0.9" (instance $flavor)))
