;; A link that writes over the terminal.
(data (i32.const 5000) "https://example.com/\1b[2J")
(data (i32.const 1024) (i32 1 5000 24))
