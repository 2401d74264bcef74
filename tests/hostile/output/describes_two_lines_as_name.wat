;; A second line after a good name.
(data (i32.const 5000) "good\0aname")
(data (i32.const 1000) (i32 5000 9))
