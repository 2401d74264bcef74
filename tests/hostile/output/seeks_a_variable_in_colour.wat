;; A variable whose name says something else on a terminal.
;; Connector type, name, summary, fields, operations, the registry's password, implicit.
(data (i32.const 5000) (i32 5100 4  5104 3  48 13  5200 1  0 0  0 0 0  1))
(data (i32.const 5100) "test" "key")
(data (i32.const 1052) (i32 5000 1))
;; Name, summary, kind (2 is JSON) and required, sources, public members.
(data (i32.const 5200) (i32 5104 3  48 13  0  5300 1  0 0))
;; A source: an environment variable.
(data (i32.const 5300) (i32 0 5400 8))
(data (i32.const 5400) "\1b[2JHOME")
