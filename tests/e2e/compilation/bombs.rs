//! Components that are small to send and hard to compile, written byte by byte (core specification, "Binary Format").

use std::iter;

use crate::support::programs::binary::{number, section};

const NOP_TYPE: &[u8] = b"\x60\x00\x00";
const I32_TO_I32: &[u8] = b"\x60\x01\x7f\x01\x7f";
const F64_TO_F64: &[u8] = b"\x60\x01\x7c\x01\x7c";
const I32_TO_NOTHING: &[u8] = b"\x60\x01\x7f\x00";

/// Locals of a function: none.
const NO_LOCALS: &[u8] = b"\x00";

const END: u8 = 0x0b;

/// A number where the format has signed ones.
fn signed(value: usize) -> Vec<u8> {
    let mut bytes = number(value);
    if let Some(last) = bytes.last_mut().filter(|last| **last & 0x40 != 0) {
        *last |= 0x80;
        bytes.push(0);
    }
    bytes
}

/// The component with an export by the name of a flavor's, as the first look at its names wants it: an instance without
/// functions.
pub(super) fn named_as_a_flavor(component: &[u8]) -> Vec<u8> {
    let name = "crhost:flavor/flavor@0.1.0";
    let export = [b"\x01\x00", &number(name.len())[..], name.as_bytes(), b"\x05\x00\x00"].concat();
    [component, &section(5, b"\x01\x01\x00"), &section(11, &export)].concat()
}

/// A component of one core module, whose functions all have one type and these locals and bodies.
fn component<'a>(function_type: &[u8], locals: &[u8], bodies: impl ExactSizeIterator<Item = &'a [u8]>) -> Vec<u8> {
    let count = number(bodies.len());
    let functions = [&count[..], &vec![0; bodies.len()]].concat();
    let mut code = count;
    for body in bodies {
        code.extend(number(locals.len() + body.len() + 1));
        code.extend([locals, body, &[END]].concat());
    }
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    module.extend(section(1, &[b"\x01", function_type].concat()));
    module.extend(section(3, &functions));
    module.extend(section(10, &code));
    [&b"\0asm\x0d\0\x01\0"[..], &section(1, &module)].concat()
}

fn one_function(function_type: &[u8], body: &[u8]) -> Vec<u8> {
    component(function_type, NO_LOCALS, iter::once(body))
}

/// `local.get 0; local.get 0; i32.mul; i32.const 3; i32.add; local.set 0`, so many bytes of it.
fn sums(size: usize) -> Vec<u8> {
    [&b"\x20\x00\x20\x00\x6c\x41\x03\x6a\x21\x00".repeat(size / 10)[..], b"\x20\x00"].concat()
}

/// One function of so many bytes, all of them sums.
pub(super) fn large_function(size: usize) -> Vec<u8> {
    one_function(I32_TO_I32, &sums(size))
}

/// One function of so many bytes that adds floats, whose NaNs are made canonical after each step.
pub(super) fn large_function_of_floats(size: usize) -> Vec<u8> {
    one_function(F64_TO_F64, &[b"\x20\x00", &b"\x20\x00\xa0".repeat(size / 3)[..]].concat())
}

/// So many functions, of a few bytes each.
pub(super) fn many_functions(count: usize) -> Vec<u8> {
    component(NOP_TYPE, NO_LOCALS, iter::repeat_n(&b""[..], count))
}

/// So many functions, each of so many bytes of sums.
pub(super) fn functions(count: usize, size: usize) -> Vec<u8> {
    let body = sums(size);
    component(I32_TO_I32, NO_LOCALS, iter::repeat_n(&body[..], count))
}

/// One function with so many locals that sets each of them, within so many nested loops: each local is live in each
/// loop.
pub(super) fn locals_in_loops(locals: usize, loops: usize) -> Vec<u8> {
    let mut body = b"\x03\x40".repeat(loops);
    for local in (0..locals).map(number) {
        body.extend([b"\x20", &local[..], b"\x41\x01\x6a\x21", &local].concat());
    }
    body.extend(b"\x41\x00\x0d\x00\x0b".repeat(loops));
    component(NOP_TYPE, &[b"\x01", &number(locals)[..], b"\x7f"].concat(), iter::once(&body[..]))
}

/// One function of so many loops, each within the last.
pub(super) fn nested_loops(depth: usize) -> Vec<u8> {
    one_function(NOP_TYPE, &[b"\x03\x40".repeat(depth), vec![END; depth]].concat())
}

/// One function of so many conditions, each within the last.
pub(super) fn nested_conditions(depth: usize) -> Vec<u8> {
    one_function(NOP_TYPE, &[b"\x41\x00\x04\x40".repeat(depth), vec![END; depth]].concat())
}

/// So many functions, each a jump with so many targets.
pub(super) fn jump_tables(functions: usize, targets: usize) -> Vec<u8> {
    let jump = [b"\x20\x00\x0e", &number(targets)[..], &vec![0; targets + 1]].concat();
    component(I32_TO_NOTHING, NO_LOCALS, iter::repeat_n(&jump[..], functions))
}

/// So many core modules, empty ones.
pub(super) fn modules(count: usize) -> Vec<u8> {
    [&b"\0asm\x0d\0\x01\0"[..], &section(1, b"\0asm\x01\0\0\0").repeat(count)].concat()
}

/// A text whose component has `levels` definitions, each made of two of the one before.
fn doubled(first: &str, next: impl Fn(usize) -> String, levels: usize, last: &str) -> Vec<u8> {
    let all: String = (1..levels).map(next).collect();
    wat::parse_str(format!("(component {first} {all} {last})")).unwrap()
}

/// A record type of 2^levels fields.
pub(super) fn doubled_tuples(levels: usize) -> Vec<u8> {
    let next = |level| format!("(type $t{level} (tuple $t{0} $t{0}))", level - 1);
    let last = format!("(export \"t\" (type $t{}))", levels - 1);
    doubled("(type $t0 (tuple u8 u8))", next, levels, &last)
}

/// The type of an instance with 2^levels instances inside.
pub(super) fn doubled_instance_types(levels: usize) -> Vec<u8> {
    let next = |level| {
        let both = r#"(export "a" (instance (type $x))) (export "b" (instance (type $x)))"#;
        format!("(type $i{level} (instance (alias outer 1 $i{} (type $x)) {both}))", level - 1)
    };
    let last = format!("(export \"t\" (type $i{}))", levels - 1);
    doubled(r#"(type $i0 (instance (export "a" (func))))"#, next, levels, &last)
}

/// The type of a component with 2^levels components inside.
pub(super) fn doubled_component_types(levels: usize) -> Vec<u8> {
    let next = |level| {
        let both = r#"(import "a" (component (type $x))) (export "b" (component (type $x)))"#;
        format!("(type $c{level} (component (alias outer 1 $c{} (type $x)) {both}))", level - 1)
    };
    let last = format!("(export \"t\" (type $c{}))", levels - 1);
    doubled(r#"(type $c0 (component (export "a" (func))))"#, next, levels, &last)
}

/// A component that instantiates a core module 2^levels times.
pub(super) fn doubled_instances(levels: usize) -> Vec<u8> {
    let first = "(core module $m) \
         (component $c0 (alias outer 1 $m (core module $m)) (core instance (instantiate $m)))";
    let next = |level| {
        let both = "(instance (instantiate $x)) (instance (instantiate $x))";
        format!("(component $c{level} (alias outer 1 $c{} (component $x)) {both})", level - 1)
    };
    doubled(first, next, levels, &format!("(instance (instantiate $c{}))", levels - 1))
}

/// So many components, each within the last.
pub(super) fn nested_components(depth: usize) -> Vec<u8> {
    // From the inside out: each is a section of the next.
    (1..depth).fold(b"\0asm\x0d\0\x01\0".to_vec(), |inner, _| [b"\0asm\x0d\0\x01\0", &section(4, &inner)[..]].concat())
}

/// A list of lists of lists, so many deep.
pub(super) fn nested_lists(depth: usize) -> Vec<u8> {
    let lists = (1..depth).map(|level| [b"\x70", &signed(level - 1)[..]].concat());
    let types = [&number(depth)[..], b"\x70\x7d", &lists.collect::<Vec<_>>().concat()].concat();
    [b"\0asm\x0d\0\x01\0", &section(7, &types)[..]].concat()
}
