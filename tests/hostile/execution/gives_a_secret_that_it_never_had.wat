;; Its password is a handle, and it holds none.
(import "crhost:flavor/secrets@0.1.0" "[resource-drop]secret" (func $drop (param i32)))
(data (i32.const 4008) (i32 2 0  80 5  1 7))
