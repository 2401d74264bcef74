;; Several stacks, and jumps between them.
(module (type $f (func)) (type $c (cont $f)))
