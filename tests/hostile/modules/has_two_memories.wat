;; Two memories in one module, each below the limit.
(module (memory 1) (memory 1))
