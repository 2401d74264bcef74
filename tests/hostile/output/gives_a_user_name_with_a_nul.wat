;; A user name that ends early for some.
(data (i32.const 4008) (i32 2 0  5000 6  0 96 6))
(data (i32.const 5000) "ali\00ce")
