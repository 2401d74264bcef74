;; A list that no memory holds.
(data (i32.const 1036) (i32 5000 100000000))
