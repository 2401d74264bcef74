;; The right name, and a method that no secret has.
(component
  (import "crhost:flavor/secrets@0.1.0" (instance
    (export "secret" (type $secret (sub resource)))
    (type $self (borrow $secret))
    (export "[method]secret.reveal" (func (param "self" $self) (result string)))))
  (instance $flavor)
  (export "crhost:flavor/flavor@0.1.0" (instance $flavor)))
