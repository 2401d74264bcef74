;; Nobody could learn from it what to type.
(data (i32.const 1036) (i32 0 0))
