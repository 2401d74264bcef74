;; One note more than a list may have.
(data (i32.const 3072) (i32 5000 65))
