;; A way out of functions that no caller sees.
(module (tag) (func (throw 0)))
