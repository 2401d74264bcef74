;; It wants 256 MiB to begin with.
(memory (export "memory") 4096)
