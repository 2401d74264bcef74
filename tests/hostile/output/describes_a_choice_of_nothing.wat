;; Nobody could choose.
;; Name, summary, kind and its words, default, whether it is required.
(data (i32.const 5000) (i32 5100 6  48 13  2 0 0  0 0 0  0))
(data (i32.const 5100) "region")
(data (i32.const 1044) (i32 5000 1))
