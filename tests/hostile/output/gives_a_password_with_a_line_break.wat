;; A password that begins a second header.
(data (i32.const 4008) (i32 2 0  80 5  0 5000 9))
(data (i32.const 5000) "s3\0d\0ax: y")
