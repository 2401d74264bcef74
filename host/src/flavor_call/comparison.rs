//! What of a call's end differs from the recorded one.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::outcome::Outcome;
use super::recording::{RecordedCall, RecordedFailure};
use crate::text::{Escaped, Printable};

/// Characters of a value that are shown.
const SHOWN: usize = 120;

/// Characters before the first difference of two texts that are shown where the texts are longer than [`SHOWN`].
const BEFORE: usize = 20;

/// Something that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Difference {
    /// The member, as a path: `answer.profile.chunk`, `answer.notes[0]` or `failure.message`; `failure` where there is
    /// one on one side alone.
    pub(crate) member: Escaped,
    /// The recorded value; null where there is none.
    pub(crate) recorded: Option<Value>,
    /// The value now; null where there is none.
    pub(crate) now: Option<Value>,
}

/// All that differs in the end of a call from the recorded one, in the order of the members; empty for the same end.
///
/// A member that the recording does not have is not compared: one that is written by hand may have the members that
/// matter alone, and an earlier crhost knew fewer. Without an answer and a failure it compares nothing.
#[must_use]
pub(crate) fn differences(recorded: &RecordedCall, outcome: &Outcome) -> Vec<Difference> {
    let now = match &outcome.answer {
        Ok(answer) => Ok(serde_json::to_value(answer).unwrap_or_default()),
        Err(stopped) => Err(RecordedFailure::of(stopped, |message| message)),
    };
    of_ends(recorded.answer.as_ref(), recorded.failure.as_ref(), now)
}

fn of_ends(
    answer: Option<&Value>,
    failure: Option<&RecordedFailure>,
    now: Result<Value, RecordedFailure>,
) -> Vec<Difference> {
    let mut found = Vec::new();
    let value = |failure: &RecordedFailure| serde_json::to_value(failure).unwrap_or_default();
    let text = |failure: &RecordedFailure| Some(Value::String(failure.to_string()));
    match (answer, failure, now) {
        (_, Some(recorded), Err(now)) => compare("failure".to_owned(), &value(recorded), &value(&now), &mut found),
        (_, Some(recorded), Ok(_)) => found.push(Difference::new("failure".to_owned(), text(recorded), None)),
        (Some(_), None, Err(now)) => found.push(Difference::new("failure".to_owned(), None, text(&now))),
        (Some(recorded), None, Ok(now)) => compare("answer".to_owned(), recorded, &now, &mut found),
        (None, None, _) => {}
    }
    found
}

/// Compares a member, and what is in it.
fn compare(member: String, recorded: &Value, now: &Value, found: &mut Vec<Difference>) {
    match (recorded, now) {
        (Value::Object(recorded), Value::Object(now)) => {
            for (name, recorded) in recorded {
                let member = format!("{member}.{name}");
                match now.get(name) {
                    Some(now) => compare(member, recorded, now, found),
                    None => found.push(Difference::new(member, Some(recorded.clone()), None)),
                }
            }
        }
        (Value::Array(recorded), Value::Array(now)) => {
            for at in 0..recorded.len().max(now.len()) {
                let member = format!("{member}[{at}]");
                match (recorded.get(at), now.get(at)) {
                    (Some(recorded), Some(now)) => compare(member, recorded, now, found),
                    (recorded, now) => found.push(Difference::new(member, recorded.cloned(), now.cloned())),
                }
            }
        }
        (recorded, now) if recorded == now => {}
        (recorded, now) => found.push(Difference::new(member, Some(recorded.clone()), Some(now.clone()))),
    }
}

impl Difference {
    fn new(member: String, recorded: Option<Value>, now: Option<Value>) -> Self {
        Self { member: member.into(), recorded, now }
    }
}

/// The values are escaped, and cut.
impl Printable for Difference {}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { member, recorded, now } = self;
        let (recorded, now) = (recorded.as_ref().and_then(plain), now.as_ref().and_then(plain));
        let equal = match (&recorded, &now) {
            (Some(recorded), Some(now)) => {
                recorded.chars().zip(now.chars()).take_while(|(one, two)| one == two).count()
            }
            _ => 0,
        };
        let short = |text: &str| {
            let is_long = equal > BEFORE && text.chars().count() > SHOWN;
            let end: String = text.chars().skip(if is_long { equal - BEFORE } else { 0 }).collect();
            format!("`{}{}`", if is_long { "…" } else { "" }, Escaped::new(&end, SHOWN))
        };
        let recorded = recorded.as_deref().map_or_else(|| "none".to_owned(), short);
        match now.as_deref().map(short) {
            Some(now) => write!(f, "`{member}` is {now}, recorded {recorded}"),
            None => write!(f, "`{member}` is missing, recorded {recorded}"),
        }
    }
}

/// A value as text; none for no value.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn failure(code: &str, message: Option<&str>) -> RecordedFailure {
        RecordedFailure { code: code.to_owned(), message: message.map(str::to_owned) }
    }

    fn lines(found: &[Difference]) -> Vec<String> {
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_member_that_differs_is_named_with_both_values() {
        let recorded = json!({"profile": {"chunk": 5, "mount": true, "old": null}, "notes": ["a", "b"], "uri": "x"});
        let now = json!({"profile": {"chunk": null, "mount": false, "new": 1}, "notes": ["a", "c", "d"], "uri": "x"});
        let found = of_ends(Some(&recorded), None, Ok(now));
        let expected = [
            "`answer.notes[1]` is `c`, recorded `b`",
            "`answer.notes[2]` is `d`, recorded none",
            "`answer.profile.chunk` is missing, recorded `5`",
            "`answer.profile.mount` is `false`, recorded `true`",
            "`answer.profile.old` is missing, recorded none",
        ];
        let mut lines = lines(&found);
        lines.sort();
        assert_eq!(lines, expected);
        let chunk = found.iter().find(|it| it.member == "answer.profile.chunk").unwrap();
        let expected = json!({"member": "answer.profile.chunk", "recorded": 5, "now": null});
        assert_eq!(serde_json::to_value(chunk).unwrap(), expected);
    }

    #[test]
    fn what_the_recording_does_not_have_is_not_compared() {
        let now = || json!({"notes": ["a"], "profile": {"mount": true}});
        assert_eq!(of_ends(Some(&json!({"profile": {}})), None, Ok(now())), []);
        assert_eq!(of_ends(None, None, Ok(now())), []);
        assert_eq!(of_ends(None, None, Err(failure("network", Some("m")))), []);
        assert_eq!(of_ends(None, Some(&failure("network", None)), Err(failure("network", Some("m")))), []);
    }

    #[test]
    fn an_answer_in_place_of_a_failure_differs_and_so_does_another_failure() {
        let refused = failure("forbidden", Some("ACME refuses"));
        let now = of_ends(None, Some(&refused), Ok(json!({"uri": "x"})));
        assert_eq!(lines(&now), ["`failure` is missing, recorded `forbidden: ACME refuses`"]);
        let now = of_ends(Some(&json!({"uri": "x"})), None, Err(refused.clone()));
        assert_eq!(lines(&now), ["`failure` is `forbidden: ACME refuses`, recorded none"]);
        let now = of_ends(None, Some(&refused), Err(failure("network", Some("ACME refuses"))));
        assert_eq!(lines(&now), ["`failure.code` is `network`, recorded `forbidden`"]);
    }

    #[test]
    fn of_long_texts_the_place_that_differs_is_shown() {
        let text = |end: &str| json!(format!("{}{end}", "x".repeat(300)));
        let found = of_ends(Some(&text("one")), None, Ok(text("two")));
        let equal = "x".repeat(BEFORE);
        assert_eq!(lines(&found), [format!("`answer` is `…{equal}two`, recorded `…{equal}one`")]);
    }
}
