;; Two that are known: one could be checked, and the other one called.
(component
  (instance $flavor)
  (export "crhost:flavor/flavor@0.1.0" (instance $flavor))
  (export "crhost:flavor/flavor@0.1.1" (instance $flavor)))
