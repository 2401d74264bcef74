;; It says that it is one of the house, with a Cyrillic letter that looks like e.
(data (i32.const 5000) "d\d0\b5fault")
(data (i32.const 1000) (i32 5000 8))
