;; One name in two connector types: allowed.
;; Connector type, name, summary, fields, operations, the registry's password, implicit.
(data (i32.const 5000) (i32 5100 4  5104 3  48 13  0 0  0 0  0 0 0  0
  5107 4  5104 3  48 13  0 0  0 0))
(data (i32.const 5100) "test" "key" "rest")
(data (i32.const 1052) (i32 5000 2))
