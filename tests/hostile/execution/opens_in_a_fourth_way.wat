;; Neither anonymous nor Docker's nor basic.
(data (i32.const 4008) (i32 3))
