;; Yes, with a note that clears the screen and speaks as if it were crhost.
(data (i32.const 3072) (i32 5000 1))
(data (i32.const 5000) (i32 5100 44))
(data (i32.const 5100) "\1b[2J\1b]0;mine\07\0d\0aerror: call this number\e2\80\ae\e2\80\8b")
