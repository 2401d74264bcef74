;; A million examples of 100 bytes, which are all the same: 8 MB in its memory, 100 MB if the host took them.
(memory (export "memory") 200)
(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
  (local $at i32)
  (local.set $at (i32.const 65536))
  (loop $next
    (i32.store (local.get $at) (i32.const 5000))
    (i32.store offset=4 (local.get $at) (i32.const 100))
    (local.set $at (i32.add (local.get $at) (i32.const 8)))
    (br_if $next (i32.lt_u (local.get $at) (i32.const 8065536))))
  (i32.store (i32.const 1036) (i32.const 65536))
  (i32.store (i32.const 1040) (i32.const 1000000))
  (i32.const 1000))
