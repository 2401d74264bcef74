;; It moves 100 MiB again and again, and back.
(memory (export "memory") 1601)
(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
  (loop $again
    (memory.copy (i32.const 1) (i32.const 0) (i32.const 0x6400000))
    (memory.copy (i32.const 0) (i32.const 1) (i32.const 0x6400000))
    (br $again))
  unreachable)
