;; A call without a return, and so without a stack that ends.
(module (func $f (return_call $f)))
