;; A name of 64 letters, one too many.
(data (i32.const 5000) "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
(data (i32.const 1000) (i32 5000 64))
