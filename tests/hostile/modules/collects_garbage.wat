;; Objects in a heap that the host would have to keep.
(module (type (struct (field i32))))
