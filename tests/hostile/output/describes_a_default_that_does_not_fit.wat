;; What it falls back on is none of its kind: a flag is true or false.
;; Name, summary, kind and its words, default, whether it is required.
(data (i32.const 5000) (i32 5100 6  48 13  1 0 0  1 5106 5  0))
(data (i32.const 5100) "region" "maybe")
(data (i32.const 1044) (i32 5000 1))
