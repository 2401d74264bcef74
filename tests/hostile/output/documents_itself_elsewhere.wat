;; It looks like one place and leads to another.
(data (i32.const 5000) "https://example.com@evil.example/")
(data (i32.const 1024) (i32 1 5000 33))
