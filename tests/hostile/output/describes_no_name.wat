;; It has no name.
(data (i32.const 1000) (i32 16 0))
