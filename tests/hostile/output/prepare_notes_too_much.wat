;; One note more than a list may have.
(data (i32.const 3032) (i32 5000 65))
