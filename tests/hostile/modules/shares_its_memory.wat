;; A memory for several threads.
(module (memory 1 2 shared))
