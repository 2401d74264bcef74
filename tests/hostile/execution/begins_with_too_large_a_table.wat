;; It wants a table of 2^32 - 1 elements.
(table 0xffffffff funcref)
