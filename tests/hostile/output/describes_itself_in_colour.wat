;; Every text that it is free to choose clears the screen and speaks as if it were crhost, forwards and backwards.
(data (i32.const 6000) "\1b[2J\1b]0;mine\07\0d\0aerror: call this number\e2\80\ae\e2\80\8b")
;; The summary. Its example is one: otherwise it is not registered.
(data (i32.const 1016) (i32 6000 44))
;; An option: name, summary, kind and its words, default, whether it is required.
(data (i32.const 5000) (i32 5100 6  6000 44  0 0 0  1 6000 44  0))
(data (i32.const 5100) "region")
(data (i32.const 1044) (i32 5000 1))
;; An auth method: connector type, name, summary, fields, operations, the registry's password, implicit.
(data (i32.const 5200) (i32 5100 6  5100 6  6000 44  5300 1  0 0))
(data (i32.const 1052) (i32 5200 1))
;; A field: name, summary, kind (2 is JSON) and required, sources, public members.
(data (i32.const 5300) (i32 5100 6  6000 44  2  0 0  5400 1))
(data (i32.const 5400) (i32 6000 44))
