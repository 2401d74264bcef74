;; It would push an image on its own, where any path will do.
;; Name, summary, methods, hosts, endpoints, paths, query, headers, body, places of secrets.
(data (i32.const 5000) (i32 5100 4  48 13  5300 1  5312 1  0 0  5320 1  0 0  0 0  0 0  0 0))
(data (i32.const 5100) "read")
(data (i32.const 5300) "\03")
(data (i32.const 5312) (i32 5400 17))
(data (i32.const 5320) (i32 5500 3))
(data (i32.const 5400) "https://h.example")
(data (i32.const 5500) "/**")
(data (i32.const 1060) (i32 5000 1))
