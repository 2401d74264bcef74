;; It takes memory until it gets no more.
(module
  (memory (export "memory") 1)
  (func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
    (loop $more
      (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
    unreachable)
  (func (export "crhost:flavor/flavor@0.1.0#validate-uri") (param i32 i32) (result i32)
    unreachable)
  (func (export "crhost:flavor/flavor@0.1.0#prepare-image-push") (param i32) (result i32)
    unreachable)
  (func (export "crhost:flavor/flavor@0.1.0#credentials") (param i32) (result i32)
    unreachable)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (i32.const 2048)))
