;; It says that it is one of the house.
(data (i32.const 5000) "default")
(data (i32.const 1000) (i32 5000 7))
