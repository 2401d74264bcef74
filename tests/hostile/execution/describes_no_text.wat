;; Its name is no UTF-8.
(data (i32.const 16) "\ff\fe\fd\fc\fb\fa\f9\f8")
