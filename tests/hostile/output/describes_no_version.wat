;; A version that is none.
(data (i32.const 5000) "latest")
(data (i32.const 1008) (i32 5000 6))
