;; Yes, for which any number but 0 will do: odd, and allowed.
(data (i32.const 3024) "\02\ff")
