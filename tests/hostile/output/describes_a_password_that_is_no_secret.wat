;; What is in the clear would be handed back as if it were a secret.
;; Connector type, name, summary, fields, operations, the registry's password, implicit.
(data (i32.const 5000) (i32 5100 4  5104 3  48 13  5200 1  0 0  1 5104 3  0))
(data (i32.const 5100) "test" "key")
(data (i32.const 1052) (i32 5000 1))
;; Name, summary, kind (0 is text), sources, public members.
(data (i32.const 5200) (i32 5104 3  48 13  0  0 0  0 0))
