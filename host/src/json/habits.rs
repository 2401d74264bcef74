//! The habits of other programs, for tests of readers.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A habit of a program that writes JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Habit {
    /// Go without tags: `MediaType`.
    UpperCase,
    /// Go's pointers and slices, and members of a later version.
    NullsAndUnknown,
    /// Java's longs for JavaScript.
    NumbersAsStrings,
    /// Numbers as Lua and JavaScript write large ones.
    NumbersWithFraction,
}

fn with(habit: Habit, value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut changed: Map<String, Value> = members
                .into_iter()
                .map(|(name, value)| {
                    let name = match habit {
                        // The names of annotations are texts of users.
                        Habit::UpperCase if name.len() > 1 => capitalized(&name),
                        _ => name,
                    };
                    (name, with(habit, value))
                })
                .collect();
            if matches!(habit, Habit::NullsAndUnknown) {
                changed.insert("unheardOf".to_owned(), json!({"deep": [null, 1]}));
                for name in ["urls", "annotations", "platform", "subject", "artifactType", "data", "variant"] {
                    if !changed.keys().any(|other| other.eq_ignore_ascii_case(name)) {
                        changed.insert(name.to_owned(), Value::Null);
                    }
                }
                if changed.get("a").is_some() {
                    changed = [("a".to_owned(), json!("b"))].into_iter().collect();
                }
            }
            Value::Object(changed)
        }
        Value::Array(values) => values.into_iter().map(|value| with(habit, value)).collect(),
        Value::Number(number) => match habit {
            Habit::NumbersAsStrings => Value::String(number.to_string()),
            Habit::NumbersWithFraction => json!(number.as_f64()),
            _ => Value::Number(number),
        },
        other => other,
    }
}

/// Some habits, one after the other.
pub(crate) fn habits() -> impl Strategy<Value = Vec<Habit>> {
    use Habit::{NullsAndUnknown, NumbersAsStrings, NumbersWithFraction, UpperCase};
    let one = prop::sample::select(vec![UpperCase, NullsAndUnknown, NumbersAsStrings, NumbersWithFraction]);
    prop::collection::vec(one, 0..4)
}

/// A document as a program with these habits writes it, with or without a byte order mark.
pub(crate) fn written(document: Value, habits: &[Habit], marked: bool) -> Vec<u8> {
    let text = habits.iter().fold(document, |document, habit| with(*habit, document)).to_string();
    if marked { format!("\u{feff}{text}").into_bytes() } else { text.into_bytes() }
}

/// The name with its first letter in upper case.
fn capitalized(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
