;; The same option twice: which one is meant?
;; Name, summary, kind and its words, default, whether it is required.
(data (i32.const 5000) (i32 5100 6  48 13  0 0 0  0 0 0  0
  5100 6  48 13  0 0 0  0 0 0  0))
(data (i32.const 5100) "region")
(data (i32.const 1044) (i32 5000 2))
