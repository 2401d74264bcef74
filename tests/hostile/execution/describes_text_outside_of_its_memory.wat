;; Its name begins in its memory and ends far outside.
(data (i32.const 1000) (i32 16 0x7fffffff))
