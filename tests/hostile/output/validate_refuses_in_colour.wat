;; No, in a way that clears the screen and speaks as if it were crhost; the hint too.
(data (i32.const 5000) (i32 1  0  5100 44  1 5100 44))
(data (i32.const 5100) "\1b[2J\1b]0;mine\07\0d\0aerror: call this number\e2\80\ae\e2\80\8b")
(func (export "crhost:flavor/flavor@0.1.0#validate-uri") (param $uri i32) (param $length i32) (result i32)
  ;; The example of the description is judged as it has to be: otherwise it is not registered.
  (if (i32.eq (local.get $length) (i32.const 14)) (then
    (i32.store (i32.const 2004) (local.get $uri))
    (i32.store (i32.const 2008) (local.get $length))
    (return (i32.const 2000))))
  (i32.const 5000))
