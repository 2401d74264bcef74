;; A user name that ends where the host would not expect it.
(data (i32.const 4008) (i32 2 0  5000 6  0 96 6))
(data (i32.const 5000) "ali:ce")
