;; It answers, and stops when it should forget the answer.
(func (export "cabi_post_crhost:flavor/flavor@0.1.0#describe") (param i32)
  unreachable)
