;; Neither whole nor in chunks.
(data (i32.const 3008) (i32 2))
