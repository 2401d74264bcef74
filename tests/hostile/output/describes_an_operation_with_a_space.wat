;; An operation that nobody can accept by its name.
;; Name, summary, methods, hosts, endpoints, paths, query, headers, body, places of secrets.
(data (i32.const 5000) (i32 5100 9  48 13  5300 1  5312 1  0 0  5320 1  0 0  0 0  0 0  0 0))
(data (i32.const 5100) "two words")
(data (i32.const 5300) "\00")
(data (i32.const 5312) (i32 5400 17))
(data (i32.const 5320) (i32 5500 2))
(data (i32.const 5400) "https://h.example")
(data (i32.const 5500) "/x")
(data (i32.const 1060) (i32 5000 1))
