;; A memory that 32 bits do not span.
(module (memory i64 1))
