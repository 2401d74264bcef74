;; Chunks of one byte.
(data (i32.const 3008) (i32 1 0) (i64 1))
