;; An option that nobody can type as it is.
;; Name, summary, kind and its words, default, whether it is required.
(data (i32.const 5000) (i32 5100 9  48 13  0 0 0  0 0 0  0))
(data (i32.const 5100) "two words")
(data (i32.const 1044) (i32 5000 1))
