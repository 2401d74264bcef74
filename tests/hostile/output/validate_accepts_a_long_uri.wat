;; It says yes, and names a place in 256 characters, one too many.
(data (i32.const 5000) (i32 0  5100 256  0 0))
(data (i32.const 5100) "localhost:5000/")
(func (export "crhost:flavor/flavor@0.1.0#validate-uri") (param $uri i32) (param $length i32) (result i32)
  ;; The example of the description is judged as it has to be: otherwise it is not registered.
  (if (i32.eq (local.get $length) (i32.const 14)) (then
    (i32.store (i32.const 2004) (local.get $uri))
    (i32.store (i32.const 2008) (local.get $length))
    (return (i32.const 2000))))
  (memory.fill (i32.const 5115) (i32.const 97) (i32.const 241))
  (i32.const 5000))
