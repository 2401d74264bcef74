;; Its name leads out of the directory.
(data (i32.const 5000) "../../xx")
(data (i32.const 1000) (i32 5000 8))
