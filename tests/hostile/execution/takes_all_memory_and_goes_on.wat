;; It takes memory until it gets no more, writes to all of it, and answers as if nothing had been.
(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
  (local $end i32)
  (local.set $end (i32.shl (memory.size) (i32.const 16)))
  (loop $more
    (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
  (memory.fill
    (local.get $end)
    (i32.const 7)
    (i32.sub (i32.shl (memory.size) (i32.const 16)) (local.get $end)))
  (i32.const 1000))
