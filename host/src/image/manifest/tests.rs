use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

fn digest() -> String {
    Digest::of(b"x").to_string()
}

fn manifest() -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_MANIFEST,
        "config": {"mediaType": media_type::OCI_CONFIG, "digest": digest(), "size": 7},
        "layers": [{"mediaType": media_type::OCI_LAYER_GZIP, "digest": digest(), "size": 9}],
    })
}

fn index() -> Value {
    let platform = json!({"os": "linux", "architecture": "arm", "variant": "v7"});
    let entry = json!({
        "mediaType": media_type::OCI_MANIFEST, "digest": digest(), "size": 7,
        "platform": platform, "annotations": {"a": "b"},
    });
    json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": [entry]})
}

fn config() -> Value {
    json!({"os": "linux", "architecture": "arm64", "rootfs": {"type": "layers", "diff_ids": [digest()]}})
}

/// A habit of a program that writes JSON.
#[derive(Debug, Clone, Copy)]
enum Habit {
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

fn habits() -> impl Strategy<Value = Vec<Habit>> {
    use Habit::{NullsAndUnknown, NumbersAsStrings, NumbersWithFraction, UpperCase};
    let one = prop::sample::select(vec![UpperCase, NullsAndUnknown, NumbersAsStrings, NumbersWithFraction]);
    prop::collection::vec(one, 0..4)
}

proptest! {
    #[test]
    fn documents_are_understood_whatever_the_habits_of_their_program(habits in habits(), marked: bool) {
        let written = |document: Value| {
            let text = habits.iter().fold(document, |document, habit| with(*habit, document)).to_string();
            if marked { format!("\u{feff}{text}").into_bytes() } else { text.into_bytes() }
        };
        let plain = |document: Value| document.to_string().into_bytes();
        let found = Manifest::parse(&written(manifest())).unwrap();
        prop_assert_eq!(found.to_bytes(), Manifest::parse(&plain(manifest())).unwrap().to_bytes());
        let found = Index::parse(&written(index())).unwrap();
        prop_assert_eq!(found.manifests, Index::parse(&plain(index())).unwrap().manifests);
        let found = Config::parse(&written(config())).unwrap();
        prop_assert_eq!(&found.rootfs.diff_ids, &Config::parse(&plain(config())).unwrap().rootfs.diff_ids);
        prop_assert_eq!(found.platform().unwrap().to_string(), "linux/arm64");
    }
}

#[test]
fn no_layers_may_be_absent_null_or_empty() {
    let blob = json!({"mediaType": media_type::OCI_CONFIG, "digest": digest(), "size": 7, "annotations": null});
    for layers in [json!({}), json!({"layers": null}), json!({"layers": []})] {
        let mut document = json!({"schemaVersion": 2, "config": blob});
        document.as_object_mut().unwrap().extend(layers.as_object().unwrap().clone());
        assert!(Manifest::parse(document.to_string().as_bytes()).unwrap().layers.is_empty(), "{document}");
    }
    for rootfs in [json!({"type": "layers", "diff_ids": null}), json!({}), Value::Null] {
        let document = json!({"os": "linux", "architecture": "amd64", "rootfs": rootfs});
        assert!(Config::parse(document.to_string().as_bytes()).unwrap().rootfs.diff_ids.is_empty(), "{document}");
    }
}

#[test]
fn what_a_document_needs_is_named_where_it_is_missing() {
    let error = Manifest::parse(br#"{"schemaVersion":2}"#).unwrap_err().to_string();
    assert_eq!(error, "this is no image manifest: its member `config` is missing");
}

/// The name with its first letter in upper case.
fn capitalized(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
