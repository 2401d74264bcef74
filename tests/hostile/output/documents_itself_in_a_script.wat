;; A link that runs where it is clicked.
(data (i32.const 5000) "javascript:alert(1)")
(data (i32.const 1024) (i32 1 5000 19))
