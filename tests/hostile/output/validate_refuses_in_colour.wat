;; No, in a way that clears the screen and speaks as if it were crhost; the hint too.
(data (i32.const 5000) (i32 1  0  5100 44  1 5100 44))
(data (i32.const 5100) "\1b[2J\1b]0;mine\07\0d\0aerror: call this number\e2\80\ae\e2\80\8b")
(func (export "crhost:flavor/flavor@0.1.0#validate-uri") (param i32 i32) (result i32)
  (i32.const 5000))
