;; One more than a list may have, in an auth method.
;; Connector type, name, summary, fields, operations, the registry's password, implicit.
(data (i32.const 5000) (i32 5100 4  5104 3  48 13  6000 65  0 0))
(data (i32.const 5100) "test" "key")
(data (i32.const 1052) (i32 5000 1))
