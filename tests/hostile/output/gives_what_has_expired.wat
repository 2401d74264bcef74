;; A password that was good until 1970.
(data (i32.const 4008) (i32 2 0  80 5  0 96 6 0  1 0) (i64 0))
