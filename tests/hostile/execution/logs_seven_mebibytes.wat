;; One line of 7 MiB, all of it the letter a.
(import "crhost:flavor/log@0.1.0" "write" (func $log (param $level i32) (param $text i32) (param $length i32)))
(memory (export "memory") 200)
(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
  (memory.fill (i32.const 65536) (i32.const 97) (i32.const 0x700000))
  (call $log (i32.const 2) (i32.const 65536) (i32.const 0x700000))
  (i32.const 1000))
