;; A page that anyone on the way can change.
(data (i32.const 5000) "http://example.com/")
(data (i32.const 1024) (i32 1 5000 19))
