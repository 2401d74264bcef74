;; A user name of 1 MiB, all of it the letter a: no header takes it.
(memory (export "memory") 40)
(data (i32.const 4008) (i32 2 0  0x100000 0x100000  0 96 6))
(func (export "crhost:flavor/flavor@0.1.0#credentials") (param i32) (result i32)
  (memory.fill (i32.const 0x100000) (i32.const 97) (i32.const 0x100000))
  (i32.const 4000))
