;; What it begins with does not fit into its memory.
(data (i32.const 0x7fffffff) "data")
