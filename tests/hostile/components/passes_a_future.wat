;; An answer some time.
(component
  (type $answer (future string))
  (instance $flavor)
  (export "crhost:flavor/flavor@0.1.0" (instance $flavor)))
