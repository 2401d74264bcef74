//! The functions of a guest that were running when it stopped, by the names that its author knows.

use wasmtime::WasmBacktrace;

use crate::text::Escaped;

/// Functions that are kept of a stack. Those that matter are the innermost ones, below the few of a panic.
pub(super) const FRAMES: usize = 32;

/// Characters of a name: a generic function of Rust has a few hundred.
const NAME_CHARS: usize = 200;

/// The functions, the innermost first; empty if the guest was not running. One that calls itself stands once, with the
/// number of its calls.
pub(super) fn functions(error: &wasmtime::Error) -> Vec<Escaped> {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else { return Vec::new() };
    let names = backtrace.frames().iter().map(|frame| match frame.func_name() {
        Some(name) => plain(name),
        None => format!("function {} without a name", frame.func_index()),
    });
    let mut runs: Vec<(String, usize)> = Vec::new();
    for name in names {
        match runs.last_mut() {
            Some((last, count)) if *last == name => *count += 1,
            _ => runs.push((name, 1)),
        }
    }
    let shown = |(name, count): (String, usize)| match count {
        1 => Escaped::new(&name, NAME_CHARS),
        _ => format!("{} ({count} times in a row)", Escaped::new(&name, NAME_CHARS)).into(),
    };
    runs.into_iter().map(shown).collect()
}

/// Whether a guest stopped in functions that call themselves: all that is seen of its stack are a few of them, again and
/// again.
pub(super) fn recurses(error: &wasmtime::Error) -> bool {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else { return false };
    let mut functions: Vec<u32> = backtrace.frames().iter().map(wasmtime::FrameInfo::func_index).collect();
    let frames = functions.len();
    functions.sort_unstable();
    functions.dedup();
    frames == FRAMES && functions.len() <= FRAMES / 4
}

/// A name without what compilers add to it. Linkers of WebAssembly write names demangled already.
fn plain(name: &str) -> String {
    let hash = |part: &str| part.len() == 17 && part.strip_prefix('h').is_some_and(is_hexadecimal);
    match name.rsplit_once("::") {
        Some((before, last)) if hash(last) => before.to_owned(),
        _ => name.to_owned(),
    }
}

fn is_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_loses_the_hash_of_its_crate() {
        for (name, shown) in [
            ("core::panicking::panic_fmt::h0123456789abcdef", "core::panicking::panic_fmt"),
            ("acme::token", "acme::token"),
            ("<acme::Acme as Flavor>::credentials::hfedcba9876543210", "<acme::Acme as Flavor>::credentials"),
            ("std::h12", "std::h12"),
            ("fib", "fib"),
        ] {
            assert_eq!(plain(name), shown);
        }
    }
}
