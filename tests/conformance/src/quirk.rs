//! Quirks: behaviours of registries, as the files in `tests/peers/quirks/` describe them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::failure::{Failure, Result};

/// One file: what a registry does at one point of the protocol, where at most one quirk is in force.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dimension {
    /// Its name, the part of each id before the dot.
    pub(crate) dimension: String,
    /// What is varied, for readers of the file.
    #[serde(rename = "about")]
    _about: String,
    /// The behaviours besides the usual one.
    pub(crate) quirks: Vec<Quirk>,
}

/// One behaviour.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Quirk {
    /// `DIMENSION.NAME`.
    pub(crate) id: String,
    /// Section of a specification that allows or forbids it, or the public source where it was seen.
    pub(crate) source: String,
    /// Whether the specifications allow it.
    pub(crate) legal: bool,
    /// What a client has to make of it; a push where it is legal, either where it isn't.
    expect: Option<Expectation>,
    /// Where crhost decided otherwise than expected: the decision.
    pub(crate) decided: Option<String>,
    /// crhost fails with it, always or now and then, and should not: shown in reports, without being a failure of the
    /// run.
    #[serde(default)]
    pub(crate) open: bool,
    /// Quirks of other dimensions without which this one can't be seen; in force where it runs alone.
    #[serde(default)]
    pub(crate) with: Vec<String>,
    /// Answers that differ from the usual ones.
    #[serde(default)]
    pub(crate) rules: Vec<Rule>,
    /// Who may do something.
    pub(crate) auth: Option<Auth>,
    /// The form of HTTP.
    pub(crate) transport: Option<Transport>,
}

/// What a client has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Expectation {
    /// To push the image.
    Push,
    /// To push it or to report a failure.
    Either,
    /// To report a failure.
    Refuse,
}

impl Quirk {
    /// What a client has to make of it.
    pub(crate) fn expectation(&self) -> Expectation {
        self.expect.unwrap_or(if self.legal { Expectation::Push } else { Expectation::Either })
    }
}

/// When and how an answer differs from the usual one.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// The operations; `registry` stands for all but `token`.
    pub(crate) on: Vec<String>,
    /// Only while the blob or manifest that is asked for is there, or is not.
    pub(crate) present: Option<bool>,
    /// Only the first so many times.
    pub(crate) first: Option<usize>,
    /// Only for bodies of more bytes.
    pub(crate) larger_than: Option<usize>,
    /// In place of the usual status.
    pub(crate) status: Option<u16>,
    /// Set in the answer, or removed from it where `null`; names in braces are replaced, see [`crate::fake::rules`].
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, Option<String>>,
    /// The answer's body: a text as it is, anything else as JSON.
    pub(crate) body: Option<Value>,
    /// Whether the request takes effect; where absent, it does if the rule's status isn't an error or a redirect.
    pub(crate) takes_effect: Option<bool>,
}

/// Who may do something.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Auth {
    /// The schemes that are accepted, in lower case; none means that all is allowed.
    #[serde(default)]
    pub(crate) accept: BTreeSet<String>,
    /// The values of `WWW-Authenticate`, one header each.
    #[serde(default)]
    pub(crate) challenges: Vec<String>,
    /// The schemes that suffice for `GET /v2/`, where they differ from [`Auth::accept`].
    pub(crate) ping_open: Option<bool>,
}

/// The form of HTTP.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Transport {
    /// HTTPS in place of plain HTTP.
    pub(crate) tls: bool,
    /// `HTTP/1.0` in the status line.
    pub(crate) http_1_0: bool,
    /// Each connection serves one request.
    pub(crate) close: bool,
    /// That, without a header that says so.
    pub(crate) close_silently: bool,
    /// Bodies are chunked.
    pub(crate) chunked: bool,
    /// Bodies end with the connection.
    pub(crate) until_close: bool,
    /// Header names in lower case.
    pub(crate) lower_case: bool,
    /// Header names in upper case.
    pub(crate) upper_case: bool,
    /// No reason phrase behind the status.
    pub(crate) no_reason: bool,
    /// Headers in every answer.
    pub(crate) headers: BTreeMap<String, String>,
}

/// All behaviours together that are in force.
#[derive(Clone, Default)]
pub(crate) struct Behaviour {
    /// In the order of the files.
    pub(crate) rules: Vec<Rule>,
    /// Who may do something.
    pub(crate) auth: Auth,
    /// The form of HTTP.
    pub(crate) transport: Transport,
}

impl Behaviour {
    /// That of the usual registry with these quirks.
    pub(crate) fn of(quirks: &[&Quirk]) -> Self {
        let mut all = Self::default();
        for quirk in quirks {
            all.rules.extend(quirk.rules.iter().cloned());
            all.auth = quirk.auth.clone().unwrap_or(all.auth);
            if let Some(transport) = &quirk.transport {
                let tls = all.transport.tls || transport.tls;
                // TLS is a dimension of its own; the rest of HTTP's form another.
                all.transport = if transport.tls { all.transport } else { transport.clone() };
                all.transport.tls = tls;
            }
        }
        all
    }
}

/// Reads all files of a directory, in the order of their names.
///
/// # Errors
/// When one can't be read, or when an id occurs twice or is not of its file's dimension.
pub(crate) fn read(directory: &Path) -> Result<Vec<Dimension>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory).map_err(Failure::io("read", directory))? {
        paths.push(entry.map_err(Failure::io("read", directory))?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let mut seen = BTreeSet::new();
    let mut dimensions = Vec::new();
    for path in paths {
        let text = fs::read(&path).map_err(Failure::io("read", &path))?;
        let of_file = |error: &dyn std::fmt::Display| Failure::new(format!("`{}`: {error}", path.display()));
        let dimension: Dimension = serde_json::from_slice(&text).map_err(|error| of_file(&error))?;
        for quirk in &dimension.quirks {
            let (prefix, _) = quirk.id.split_once('.').unwrap_or_default();
            if prefix != dimension.dimension || !seen.insert(quirk.id.clone()) {
                return Err(of_file(&format!("the id `{}` is used twice or is of another dimension", quirk.id)));
            }
        }
        dimensions.push(dimension);
    }
    Ok(dimensions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quirk_can_be_read_and_names_its_source_and_what_it_needs() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../peers/quirks");
        let dimensions = read(&directory).unwrap();
        let all: Vec<&Quirk> = dimensions.iter().flat_map(|dimension| &dimension.quirks).collect();
        assert!(all.len() > 100, "{}", all.len());
        for quirk in &all {
            assert!(quirk.source.len() > 8, "{}", quirk.id);
            assert!(quirk.with.iter().all(|id| all.iter().any(|other| other.id == *id)), "{}", quirk.id);
            assert!(quirk.legal || quirk.expectation() != Expectation::Push || quirk.decided.is_none(), "{}", quirk.id);
        }
    }
}
