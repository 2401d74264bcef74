;; Its documentation is neither there nor not there.
(data (i32.const 1024) (i32 2 48 13))
