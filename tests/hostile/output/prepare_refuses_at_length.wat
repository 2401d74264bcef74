;; No, it is not found, in 100,000 characters.
(data (i32.const 3000) (i32 1 0  3  65536 100000  0 0 0))
(func (export "crhost:flavor/flavor@0.1.0#prepare-image-push") (param i32) (result i32)
  (memory.fill (i32.const 65536) (i32.const 97) (i32.const 100000))
  (i32.const 3000))
