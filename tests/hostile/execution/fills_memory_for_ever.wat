;; It fills 100 MiB again and again: each time is one instruction, which nothing interrupts.
(memory (export "memory") 1600)
(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
  (loop $again
    (memory.fill (i32.const 0) (i32.const 7) (i32.const 0x6400000))
    (br $again))
  unreachable)
