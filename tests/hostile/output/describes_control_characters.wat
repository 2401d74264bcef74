;; Its name writes over the terminal.
(data (i32.const 5000) "\1b[2Jpwnd")
(data (i32.const 1000) (i32 5000 8))
