;; One warning more than a list may have.
(data (i32.const 2012) (i32 5000 65))
