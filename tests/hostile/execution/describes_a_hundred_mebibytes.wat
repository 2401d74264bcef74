;; A summary of 100 MiB.
(memory (export "memory") 1700)
(data (i32.const 1016) (i32 65536 0x6400000))
