//! The tools that made a component, as its custom sections `producers` name them (tool-conventions,
//! `ProducersSection.md`). They are the author's words, and checked for nothing.

use std::collections::BTreeMap;

use wasmparser::{KnownCustom, Parser, Payload};

use crate::text::printable;

/// Entries that are kept, and characters of each: a component has a dozen.
const ENTRIES: usize = 64;
/// See [`ENTRIES`].
const CHARS: usize = 100;

/// The tools by field, `language`, `processed-by` or `sdk`, each as `NAME VERSION` and once. Of sections that can't be
/// read, what comes before.
#[must_use]
pub(crate) fn producers(component: &[u8]) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut count = 0;
    for payload in Parser::new(0).parse_all(component) {
        let Ok(payload) = payload else { break };
        let Payload::CustomSection(section) = payload else { continue };
        let KnownCustom::Producers(fields) = section.as_known() else { continue };
        for field in fields.into_iter().flatten() {
            for value in field.values.into_iter().flatten().take(ENTRIES - count) {
                let tools = found.entry(printable(field.name, CHARS)).or_default();
                let tool = printable(format!("{} {}", value.name, value.version).trim(), CHARS);
                if !tools.contains(&tool) {
                    tools.push(tool);
                    count += 1;
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tools_of_all_parts_are_told_once() {
        let module = r#"(core module (@producers (language "Rust" "2024") (processed-by "rustc" "1.95.0 (abc)")))"#;
        let component = wat::parse_str(format!("(component {module} {module})")).unwrap();
        let expected = [("language", "Rust 2024"), ("processed-by", "rustc 1.95.0 (abc)")];
        let expected = expected.map(|(field, tool)| (field.to_owned(), vec![tool.to_owned()]));
        assert_eq!(producers(&component), BTreeMap::from(expected));
        assert!(producers(b"\0asm").is_empty());
    }
}
