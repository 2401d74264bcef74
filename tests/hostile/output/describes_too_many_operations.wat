;; One more than a list may have.
(data (i32.const 1060) (i32 5000 65))
