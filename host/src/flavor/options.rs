//! Options of flavors and policies: the values that a user may set, and the defaults.

use std::collections::BTreeMap;

use super::kebab_name::KebabName;
use super::model::{Description, OptionKind, OptionSpec, PolicyDescription};
use crate::error::Explain;
use crate::grant::{Guest, GuestKind, Target};
use crate::image::{ReferenceError, Repository};
use crate::text::{Escaped, quoted};

/// Why options don't fit a flavor.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum OptionError {
    /// An option that the component does not know.
    #[error("{guest} has no option `{name}`")]
    #[explain(hint = known_hint(guest, known))]
    Unknown {
        /// The flavor or policy.
        guest: Guest,
        /// The name that was given.
        name: Escaped,
        /// Its options.
        known: Vec<KebabName>,
    },
    /// A value that is not of its option's kind.
    #[error("option `{name}` of {guest} is `{value}`, expected {expected}")]
    #[explain(hint = "write it as `--option {name}=…`")]
    Value {
        /// The flavor or policy.
        guest: Guest,
        /// The option.
        name: KebabName,
        /// The value that was given.
        value: Escaped,
        /// The kind in words.
        expected: Escaped,
    },
    /// The default repository is none.
    #[error("option `default-repository`: {0}")]
    #[explain(hint = "write it as `--option default-repository=team/train`")]
    DefaultRepository(ReferenceError),
    /// An option that the component needs.
    #[error("{guest} needs the option `{name}`")]
    #[explain(hint = "give it with `--option {name}=…`: {summary}")]
    Missing {
        /// The flavor or policy.
        guest: Guest,
        /// The option.
        name: KebabName,
        /// The option's summary.
        summary: Escaped,
    },
}

/// The option that every registry has, whatever its flavor: the repository of images that are named by a tag alone. It
/// is the host's, and no flavor gets it.
pub(crate) const DEFAULT_REPOSITORY: &str = "default-repository";

impl OptionKind {
    /// A value as the flavor gets it: a URL without a slash at the end, a size in digits; none if it is not of this
    /// kind.
    #[must_use]
    pub(crate) fn read(&self, value: &str) -> Option<String> {
        let value = value.trim();
        match self {
            Self::Text => (!value.chars().any(char::is_control)).then(|| value.to_owned()),
            Self::Flag => matches!(value, "true" | "false").then(|| value.to_owned()),
            Self::Choice(words) => words.iter().find(|word| *word == value).cloned(),
            Self::Url => url(value),
            Self::Size => size(value).map(|bytes| bytes.to_string()),
        }
    }

    /// The kind in words that follow "expected".
    pub(super) fn expected(&self) -> String {
        match self {
            Self::Text => "text in one line".to_owned(),
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Choice(words) => format!("one of {}", quoted(words)),
            Self::Url => "a URL such as `https://api.example.com`, without user name and query".to_owned(),
            Self::Size => "a size such as `64MiB`".to_owned(),
        }
    }
}

fn url(value: &str) -> Option<String> {
    let target = Target::parse(value).ok().filter(|target| target.query().is_none())?;
    Some(format!("{}{}", target.origin(), target.path_without_query().trim_end_matches('/')))
}

/// Bytes of a size with a unit of powers of 1024 (`KiB`) or of 1000 (`kB`), or without one.
fn size(value: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 10] = [
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
        ("TiB", 1 << 40),
        ("kB", 1_000),
        ("KB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("TB", 1_000_000_000_000),
        ("B", 1),
    ];
    let unit = UNITS.iter().find_map(|(unit, bytes)| Some((value.strip_suffix(unit)?, *bytes)));
    let (number, unit) = unit.unwrap_or((value, 1));
    let number = number.trim_end();
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    if is_number { number.parse::<u64>().ok()?.checked_mul(unit) } else { None }
}

fn known_hint(guest: &Guest, known: &[KebabName]) -> String {
    match known {
        [] if guest.kind() == GuestKind::Policy => "this policy has no options".to_owned(),
        known if guest.kind() == GuestKind::Policy => format!("its options are {}", quoted(known)),
        [] => format!("this flavor has no options but `{DEFAULT_REPOSITORY}`, which every registry has"),
        known => format!("its options are {}, and `{DEFAULT_REPOSITORY}`, which every registry has", quoted(known)),
    }
}

/// Checks that the flavor describes all options that are given, and that all that it needs are given.
///
/// # Errors
/// The first option that does not fit.
pub(crate) fn check(flavor: &Description, options: &BTreeMap<String, String>) -> Result<(), Box<OptionError>> {
    known(flavor, options)?;
    needed(&Guest::flavor(flavor.name.as_str()), &flavor.options, options)
}

/// The same for the policy of a name.
///
/// # Errors
/// As for [`check`].
pub(crate) fn check_policy(
    name: &str,
    policy: &PolicyDescription,
    options: &BTreeMap<String, String>,
) -> Result<(), Box<OptionError>> {
    let guest = Guest::policy(name);
    described(&guest, &policy.options, options.iter())?;
    needed(&guest, &policy.options, options)
}

/// Checks that the flavor describes all options that are given, and that each value is of its option's kind.
///
/// # Errors
/// The first that does not fit.
pub(crate) fn known(flavor: &Description, options: &BTreeMap<String, String>) -> Result<(), Box<OptionError>> {
    let is_own = flavor.options.iter().any(|option| option.name.as_str() == DEFAULT_REPOSITORY);
    if let Some(repository) = options.get(DEFAULT_REPOSITORY).filter(|_| !is_own)
        && let Err(reason) = repository.parse::<Repository>()
    {
        return Err(Box::new(OptionError::DefaultRepository(reason)));
    }
    let of_flavor = options.iter().filter(|(name, _)| is_own || *name != DEFAULT_REPOSITORY);
    described(&Guest::flavor(flavor.name.as_str()), &flavor.options, of_flavor)
}

fn described<'a>(
    guest: &Guest,
    specs: &[OptionSpec],
    given: impl Iterator<Item = (&'a String, &'a String)>,
) -> Result<(), Box<OptionError>> {
    for (name, value) in given {
        let Some(option) = specs.iter().find(|option| option.name.as_str() == name) else {
            let known = specs.iter().map(|option| option.name.clone()).collect();
            return Err(Box::new(OptionError::Unknown { guest: guest.clone(), name: Escaped::new(name, 80), known }));
        };
        if option.kind.read(value).is_none() {
            return Err(Box::new(OptionError::Value {
                guest: guest.clone(),
                name: option.name.clone(),
                value: Escaped::new(value, 100),
                expected: option.kind.expected().into(),
            }));
        }
    }
    Ok(())
}

fn needed(guest: &Guest, specs: &[OptionSpec], options: &BTreeMap<String, String>) -> Result<(), Box<OptionError>> {
    let missing = |option: &&OptionSpec| {
        option.required && option.default.is_none() && !options.contains_key(option.name.as_str())
    };
    match specs.iter().find(missing) {
        Some(option) => Err(Box::new(OptionError::Missing {
            guest: guest.clone(),
            name: option.name.clone(),
            summary: option.summary.as_str().into(),
        })),
        None => Ok(()),
    }
}

/// The given values and the defaults of the others, in the order in which the options are described.
#[must_use]
pub(crate) fn with_defaults(specs: &[OptionSpec], options: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let value = |option: &OptionSpec| {
        let given = options.get(option.name.as_str()).and_then(|value| option.kind.read(value));
        given.or_else(|| option.default.clone())
    };
    specs.iter().filter_map(|option| Some((option.name.to_string(), value(option)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_by_its_option_s_kind() {
        let choice = OptionKind::Choice(vec!["private".to_owned(), "public".to_owned()]);
        for (kind, value, read) in [
            (OptionKind::Text, " a b ", Some("a b")),
            (OptionKind::Text, "a\nb", None),
            (OptionKind::Flag, "true", Some("true")),
            (OptionKind::Flag, "yes", None),
            (OptionKind::Flag, "", None),
            (choice.clone(), "public", Some("public")),
            (choice, "Public", None),
            (OptionKind::Url, "HTTPS://API.example.com:443/v1/", Some("https://api.example.com/v1")),
            (OptionKind::Url, "http://[::1]:5557", Some("http://[::1]:5557")),
            (OptionKind::Url, "https://u@api.example.com", None),
            (OptionKind::Url, "https://api.example.com?a", None),
            (OptionKind::Url, "api.example.com", None),
            (OptionKind::Size, "64MiB", Some("67108864")),
            (OptionKind::Size, "1 kB", Some("1000")),
            (OptionKind::Size, "12", Some("12")),
            (OptionKind::Size, "-1", None),
            (OptionKind::Size, "1.5GiB", None),
            (OptionKind::Size, "99999999999TiB", None),
        ] {
            assert_eq!(kind.read(value).as_deref(), read, "{kind:?} {value:?}");
        }
    }
}
