//! The configuration of an image some of whose layers were split.

use serde_json::{Map, Value, json};

use crate::image::Digest;
use crate::json::{self as tolerant, Malformed};

/// A configuration with other layers: for each layer of `config`, the diff ids of its parts. Everything else in it
/// stays. Of the history, each part of a layer has an entry (OCI image specification, "history").
///
/// # Errors
/// When `config` is no JSON object.
pub(super) fn with_parts(config: &[u8], layers: &[Vec<Digest>]) -> Result<Vec<u8>, Malformed> {
    let mut document: Map<String, Value> = tolerant::read(config)?;
    let diff_ids: Vec<Value> = layers.iter().flatten().map(|diff_id| diff_id.as_str().into()).collect();
    replace(&mut document, "rootfs", json!({"type": "layers", "diff_ids": diff_ids}));
    let history = find(&document, "history").and_then(Value::as_array);
    if let Some(history) = history.and_then(|entries| with_parts_of(entries, layers)) {
        replace(&mut document, "history", history.into());
    }
    // What was read as JSON can be written as such.
    Ok(serde_json::to_vec(&document).unwrap_or_default())
}

/// The history with an entry for each part; `None` where it does not have one for each layer.
fn with_parts_of(entries: &[Value], layers: &[Vec<Digest>]) -> Option<Vec<Value>> {
    let (mut history, mut layers) = (Vec::new(), layers.iter());
    for entry in entries {
        if entry.get("empty_layer").and_then(Value::as_bool) == Some(true) {
            history.push(entry.clone());
            continue;
        }
        let parts = layers.next()?.len();
        history.extend((1..=parts).map(|part| match parts {
            1 => entry.clone(),
            _ => of_part(entry, part, parts),
        }));
    }
    layers.next().is_none().then_some(history)
}

/// The entry of one part: who made it and when are those of the layer.
fn of_part(entry: &Value, part: usize, parts: usize) -> Value {
    let mut entry = entry.as_object().cloned().unwrap_or_default();
    let before = entry.get("comment").and_then(Value::as_str).filter(|comment| !comment.is_empty());
    let comment = format!("{}part {part} of {parts}", before.map(|text| format!("{text}; ")).unwrap_or_default());
    entry.insert("comment".to_owned(), comment.into());
    entry.into()
}

/// A member, whatever the case of its name.
fn find<'a>(document: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    document
        .get(name)
        .or_else(|| document.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

fn replace(document: &mut Map<String, Value>, name: &str, value: Value) {
    document.retain(|key, _| !key.eq_ignore_ascii_case(name));
    document.insert(name.to_owned(), value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Config;

    #[test]
    fn each_part_is_a_layer_with_an_entry_of_the_history_and_the_rest_stays() {
        let ids: Vec<Digest> = [b"a", b"b", b"c"].iter().map(|bytes| Digest::of(*bytes)).collect();
        let config = json!({
            "architecture": "arm64", "os": "linux",
            "config": {"Env": ["A=b"], "Healthcheck": {"Interval": 30_000_000_000_i64}},
            "rootfs": {"type": "layers", "diff_ids": [ids[0], ids[1]]},
            "history": [
                {"created_by": "ADD rootfs"},
                {"created_by": "ENV A=b", "empty_layer": true},
                {"created_by": "RUN make", "comment": "buildkit", "created": "2026-01-02T03:04:05Z"},
            ],
        });
        let layers = [vec![ids[0].clone()], vec![ids[1].clone(), ids[2].clone()]];
        let split = with_parts(config.to_string().as_bytes(), &layers).unwrap();
        assert_eq!(Config::parse(&split).unwrap().rootfs.diff_ids, ids);
        let split: Value = serde_json::from_slice(&split).unwrap();
        assert_eq!(split["config"], config["config"]);
        let history = split["history"].as_array().unwrap();
        assert_eq!(history[..2], config["history"].as_array().unwrap()[..2]);
        for (number, entry) in history[2..].iter().enumerate() {
            assert_eq!(entry["created_by"], "RUN make");
            assert_eq!(entry["created"], "2026-01-02T03:04:05Z");
            assert_eq!(entry["comment"], format!("buildkit; part {} of 2", number + 1));
        }
        assert_eq!(history.len(), 4);
    }

    #[test]
    fn a_history_that_does_not_fit_the_layers_stays_as_it_is() {
        let ids: Vec<Digest> = [b"a", b"b"].iter().map(|bytes| Digest::of(*bytes)).collect();
        for history in [json!([]), json!([{"created_by": "one"}, {"created_by": "two"}]), Value::Null] {
            let config = json!({"rootfs": {"diff_ids": [ids[0]]}, "history": history});
            let split = with_parts(config.to_string().as_bytes(), std::slice::from_ref(&ids)).unwrap();
            assert_eq!(serde_json::from_slice::<Value>(&split).unwrap()["history"], history);
        }
    }
}
