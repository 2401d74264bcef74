;; A secret as data, wherever a registry is.
;; Connector type, name, summary, fields, operations, the registry's password, implicit.
(data (i32.const 5000) (i32 5100 4  5104 3  48 13  5200 1  5800 1))
(data (i32.const 5100) "test" "key" "read")
(data (i32.const 1052) (i32 5000 1))
;; Name, summary, kind (1 is secret), sources, public members.
(data (i32.const 5200) (i32 5104 3  48 13  1  0 0  0 0))
;; Name, summary, methods, hosts, endpoints, paths, query, headers, body, places of secrets.
(data (i32.const 5800) (i32 5107 4  48 13  5300 1  5312 1  0 0  5320 1  0 0  0 0  0 0  5700 1))
(data (i32.const 5300) "\02")
(data (i32.const 5312) (i32 5400 18))
(data (i32.const 5320) (i32 5500 2))
(data (i32.const 5400) "https://{registry}")
(data (i32.const 5500) "/x")
;; A place: field, member, form, kind and what it needs.
(data (i32.const 5700) (i32 5104 3  0 0 0  0  2  5620 4))
(data (i32.const 5600) "authorizationBearer note cookie sig")
