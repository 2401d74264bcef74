;; A user name that begins a second header.
(data (i32.const 4008) (i32 2 0  5000 9  0 96 6))
(data (i32.const 5000) "ali\0d\0ax: y")
