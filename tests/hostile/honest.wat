;; A flavor that keeps the contract, in pieces. A text in `execution/` or `output/` says only what it does otherwise: these
;; data come before its own, and each piece that exports something is left out where the text exports the same.
;;
;; Its answers lie where the numbers below say, as the canonical ABI lays them out: an address and a length for each text and
;; list, 1 before an optional one that is there. What is not written is 0. From 5000 on memory is the text's own, from 65536
;; on it is given out by `cabi_realloc`.

(data (i32.const 16) "drawback")
(data (i32.const 32) "1.0.0")
(data (i32.const 48) "A test flavor")
(data (i32.const 64) "localhost:5000")
(data (i32.const 80) "alice")
(data (i32.const 96) "s3cret")

;; 1000 name, 1008 version, 1016 summary, 1024 documentation, 1036 examples, 1044 options, 1052 auth methods,
;; 1060 operations
(data (i32.const 1000) (i32 16 8  32 5  48 13  0 0 0  1100 1))
(data (i32.const 1100) (i32 64 14))

(memory (export "memory") 4)

(func (export "crhost:flavor/flavor@0.1.0#describe") (result i32)
  (i32.const 1000))

;; 2000 is 0 for yes: 2004 URI, 2012 warnings; or 1 for no: 2004 kind, 2008 message, 2016 hint
(func (export "crhost:flavor/flavor@0.1.0#validate-uri") (param $uri i32) (param $length i32) (result i32)
  (i32.store (i32.const 2004) (local.get $uri))
  (i32.store (i32.const 2008) (local.get $length))
  (i32.const 2000))

;; 3000 is 0 for yes: 3008 whole (0) or in chunks (1), 3016 their size, 3024 mount, 3025 zstd, 3032 the largest request,
;; 3048 the largest layer, 3064 range, 3065 referrers, 3066 deletion, 3072 notes; or 1 for no: 3008 kind, 3012 message, 3020
;; hint
(func (export "crhost:flavor/flavor@0.1.0#prepare-image-push") (param i32) (result i32)
  (i32.const 3000))

;; 4000 is 0 for yes: 4008 anonymous (0), Docker's (1) or basic (2), 4016 user name, 4024 plain password (0) or handle (1),
;; 4028 it, 4040 whether it expires, 4048 when; or 1 for no: 4008 kind, 4012 message, 4020 hint
(func (export "crhost:flavor/flavor@0.1.0#credentials") (param i32) (result i32)
  (i32.const 4000))

(global $free (mut i32) (i32.const 65536))
(func (export "cabi_realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
  (local $at i32)
  (local.set $at (i32.and
    (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
    (i32.sub (i32.const 0) (local.get $align))))
  (global.set $free (i32.add (local.get $at) (local.get $size)))
  (local.get $at))
