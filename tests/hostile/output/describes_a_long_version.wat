;; A version that is well formed, and 100,000 characters long.
(data (i32.const 65536) "1.0.0-")
(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
  (memory.fill (i32.const 65542) (i32.const 97) (i32.const 100000))
  (i32.store (i32.const 1008) (i32.const 65536))
  (i32.store (i32.const 1012) (i32.const 100000))
  (i32.const 1000))
