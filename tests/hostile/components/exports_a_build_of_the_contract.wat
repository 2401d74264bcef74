;; The known contract, with something to say behind it.
(component
  (instance $flavor)
  (export "crhost:flavor/flavor@0.1.0+call-this-number" (instance $flavor)))
