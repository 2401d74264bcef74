//! Quirks in force: which rules meet a request, and what they make of the usual answer.
//!
//! Values of headers and bodies may hold names in braces, which are replaced:
//!
//! | name | replaced by |
//! |---|---|
//! | `{scheme}`, `{host}`, `{origin}` | of the registry; the origin is both |
//! | `{elsewhere}` | origin of another host with the same scheme and content, which asks for no credentials |
//! | `{plain}` | origin of the registry's host over plain HTTP, whatever the registry's scheme |
//! | `{target}` | the request's path and query |
//! | `{moved}` | that below `/moved`, where no rule redirects further |
//! | `{location}` | the usual answer's `Location` |
//! | `{digest}`, `{size}` | of the content that the usual answer is about |
//! | `{lie}` | a digest of nothing that is there |
//! | `{received}`, `{last}` | bytes of the upload so far, and the number of the last one |
//! | `{token}` | the token that is accepted |

use serde_json::Value;

use crate::fake::http::{Request, Response};
use crate::quirk::Rule;

/// What of a request decides on rules.
pub(crate) struct Situation<'a> {
    /// The operation, for example `upload-start`.
    pub(crate) operation: &'a str,
    /// Whether what is asked for is there.
    pub(crate) present: bool,
    /// Whether an earlier answer redirected it.
    pub(crate) moved: bool,
}

/// The rules that meet a request, and counts it for each.
pub(crate) fn met(rules: &[Rule], hits: &mut Vec<usize>, request: &Request, situation: &Situation<'_>) -> Vec<Rule> {
    hits.resize(rules.len(), 0);
    let mut met = Vec::new();
    for (rule, hits) in rules.iter().zip(hits) {
        let named = rule.on.iter().any(|on| {
            on == situation.operation || on == "registry" && !["token", "other"].contains(&situation.operation)
        });
        let fits = named
            && rule.present.is_none_or(|present| present == situation.present)
            && rule.larger_than.is_none_or(|size| request.body.len() > size)
            && !(situation.moved && redirects(rule));
        if fits && rule.first.is_none_or(|first| *hits < first) {
            *hits += 1;
            met.push(rule.clone());
        }
    }
    // One that ends the request hides the others.
    match met.iter().position(|rule| !takes_effect(rule)) {
        Some(index) => met.drain(index..=index).collect(),
        None => met,
    }
}

fn redirects(rule: &Rule) -> bool {
    rule.status.is_some_and(|status| (300..400).contains(&status))
}

/// Whether a request takes effect under a rule.
pub(crate) fn takes_effect(rule: &Rule) -> bool {
    rule.takes_effect.unwrap_or(rule.status.is_none_or(|status| status < 300))
}

/// Replaces names in braces.
pub(crate) type Names = Vec<(&'static str, String)>;

/// Changes an answer as the rule says.
pub(crate) fn apply(rule: &Rule, response: &mut Response, names: &Names) {
    let fill = |text: &str| {
        names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    };
    if let Some(status) = rule.status {
        if status >= 300 && response.status < 300 {
            // What goes with success would be a lie.
            response.headers.clear();
            response.body.clear();
        }
        response.status = status;
    }
    for (name, value) in &rule.headers {
        match value {
            Some(value) => response.set(name, fill(value)),
            None => response.remove(name),
        }
    }
    match &rule.body {
        None => {}
        Some(Value::String(text)) => response.body = fill(text).into_bytes(),
        Some(json) => response.body = fill(&json.to_string()).into_bytes(),
    }
}
