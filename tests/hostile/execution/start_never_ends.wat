;; It thinks for ever before it is asked anything.
(func $start (loop $again (br $again)))
(start $start)
