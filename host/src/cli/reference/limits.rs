//! The limits of flavors, from the constants and their doc comments.

use super::pages::{check_section, table};

const SOURCES: [&str; 2] = [include_str!("../../flavor/limits.rs"), include_str!("../../egress/limits.rs")];

#[test]
fn the_page_of_limits_is_as_the_constants_are() {
    let rows: Vec<_> = SOURCES.into_iter().flat_map(limits).collect();
    assert!(rows.len() > 30, "only {} limits were found", rows.len());
    check_section("limits.md", "Limits", "limits", &table(&["limit", "value", "meaning and reason"], rows));
}

/// Every `const` with the doc comment above it.
fn limits(source: &str) -> Vec<Vec<String>> {
    let (mut rows, mut comment) = (Vec::new(), Vec::new());
    for line in source.lines() {
        if let Some(text) = line.strip_prefix("/// ") {
            comment.push(text);
        } else {
            let declared = line.strip_prefix("pub(crate) const ").and_then(|rest| rest.split_once(": "));
            let expression =
                declared.and_then(|(name, rest)| Some((name, rest.split_once(" = ")?.1.strip_suffix(';')?)));
            if let Some((name, expression)) = expression {
                let text = comment.join(" ").replace("[`", "`").replace("`]", "`");
                rows.push(vec![format!("`{name}`"), value(expression), text]);
            }
            comment.clear();
        }
    }
    rows
}

/// The value of an expression, with its unit where the expression shows one.
fn value(expression: &str) -> String {
    if let Some((first, last)) = expression.split_once("..=") {
        let bare = |text: &str| value(text.trim_matches(['(', ')']));
        return format!("{} to {}", bare(first), bare(last));
    }
    for (start, unit) in [("Duration::from_secs(", "s"), ("Duration::from_millis(", "ms")] {
        if let Some(number) = expression.strip_prefix(start) {
            return format!("{} {unit}", number.trim_end_matches(')'));
        }
    }
    for (shift, unit) in [(" << 10", "KiB"), (" << 20", "MiB"), (" << 30", "GiB")] {
        if let Some(number) = expression.strip_suffix(shift) {
            return format!("{number} {unit}");
        }
    }
    expression.replace('_', ",")
}
