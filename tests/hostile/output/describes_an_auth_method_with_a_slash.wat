;; `test/a/key`: where does the connector type end?
;; Connector type, name, summary, fields, operations, the registry's password, implicit.
(data (i32.const 5000) (i32 5100 4  5104 5  48 13  0 0  0 0))
(data (i32.const 5100) "test" "a/key")
(data (i32.const 1052) (i32 5000 1))
