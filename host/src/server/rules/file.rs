//! The file of the rules: read again as soon as it changes, since a rule that is removed must not hold any longer.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use url::Url;

use super::error::RulesError;
use super::text::RulesText;
use super::types::{CERTIFICATE_CLAIMS, IssuerSpec, Rules};
use crate::files::regular;
use crate::network::is_this_machine;
use crate::server::stamp::Stamp;
use crate::store::Name;
use crate::text::Escaped;

/// Largest file, in bytes: some ten thousand rules.
const MAX: usize = 4 << 20;

/// The file with the rules that were read last.
pub(crate) struct RulesFile {
    path: PathBuf,
    last: Mutex<(Stamp, Read)>,
}

/// What came of reading it.
type Read = Result<Arc<Rules>, Arc<RulesError>>;

impl RulesFile {
    /// Reads a file.
    ///
    /// # Errors
    /// When it can't be read, or its rules are invalid.
    pub(crate) fn open(path: PathBuf) -> Result<Self, Arc<RulesError>> {
        let stamp = Stamp::of(&path);
        let rules = Rules::read(&path).map(Arc::new).map_err(Arc::new)?;
        Ok(Self { path, last: Mutex::new((stamp, Ok(rules))) })
    }

    /// The rules as they are now. Those of before don't hold on where the file became invalid: a rule may have been
    /// removed in the same change.
    ///
    /// # Errors
    /// When the file can't be read any more, or its rules are invalid.
    pub(crate) fn now(&self) -> Result<Arc<Rules>, Arc<RulesError>> {
        let mut last = self.last.lock();
        let stamp = Stamp::of(&self.path);
        if stamp != last.0 {
            let read = Rules::read(&self.path).map(Arc::new).map_err(Arc::new);
            match &read {
                Ok(rules) => tracing::info!("the rules were read again: {}", rules.rules.len()),
                Err(error) => tracing::error!("{error}; nothing is allowed until it is mended"),
            }
            *last = (stamp, read);
        }
        last.1.clone()
    }
}

impl Rules {
    /// Reads a file.
    ///
    /// # Errors
    /// When it can't be read, or is invalid.
    pub(crate) fn read(path: &Path) -> Result<Self, RulesError> {
        let failed = |reason: std::io::Error| RulesError::File { path: path.into(), reason: reason.into() };
        let bytes = regular::read(path, MAX).map_err(failed)?;
        let invalid = |reason: Escaped| RulesError::Invalid { path: path.into(), reason };
        let text = String::from_utf8(bytes).map_err(|_| invalid("it is no UTF-8".into()))?;
        let rules = Self::parse(&text).map_err(|error| match error {
            ParseError::Toml(reason) => invalid(reason),
            ParseError::Rules(error) => error,
        })?;
        for (rule, earlier) in rules.needless() {
            tracing::warn!("rule `{}` allows nothing that rule `{}` before it does not allow", rule.name, earlier.name);
        }
        Ok(rules)
    }

    /// The rules in a text.
    pub(super) fn parse(text: &str) -> Result<Self, ParseError> {
        let read: RulesText = toml::from_str(text).map_err(|error| {
            let line = error.span().and_then(|span| text.get(..span.start)).map(|before| before.matches('\n').count());
            let place = line.map(|line| format!("line {}: ", line + 1)).unwrap_or_default();
            ParseError::Toml(Escaped::new(&format!("{place}{}", error.message()), 500))
        })?;
        let rules = read.into_rules().map_err(ParseError::Rules)?;
        rules.check().map_err(ParseError::Rules)?;
        Ok(rules)
    }

    fn check(&self) -> Result<(), RulesError> {
        once("issuer", self.issuer_names())?;
        once("rule", self.rules.iter().map(|rule| &rule.name))?;
        for issuer in &self.issuers {
            if issuer.audience.trim().is_empty() {
                return Err(RulesError::NoAudience(issuer.name.clone()));
            }
            let is_safe = Url::parse(&issuer.url)
                .is_ok_and(|url| url.scheme() == "https" || url.scheme() == "http" && is_this_machine(&url));
            if !is_safe {
                let url = Escaped::new(&issuer.url, 200);
                return Err(RulesError::Url { name: issuer.name.clone(), url });
            }
        }
        self.check_issuers_differ()?;
        for rule in &self.rules {
            if !self.issuer_names().any(|issuer| *issuer == rule.issuer) {
                return Err(RulesError::NoIssuer { rule: rule.name.clone(), issuer: rule.issuer.clone() });
            }
            if self.authorities.iter().any(|authority| authority.name == rule.issuer)
                && let Some(claim) = rule.claims.keys().find(|claim| !CERTIFICATE_CLAIMS.contains(&claim.as_str()))
            {
                let claim = Escaped::new(claim, 100);
                return Err(RulesError::CertificateClaim { rule: rule.name.clone(), claim });
            }
            if rule.claims.keys().any(|name| name.trim().is_empty()) {
                return Err(RulesError::NoClaim(rule.name.clone()));
            }
            let empty = [
                ("operations", rule.allow.is_empty()),
                ("registries", rule.registries.patterns().is_empty()),
                ("repositories", rule.repositories.patterns().is_empty()),
                ("values of a claim", rule.claims.values().any(|values| values.patterns().is_empty())),
            ];
            if let Some((what, _)) = empty.into_iter().find(|(_, is_empty)| *is_empty) {
                return Err(RulesError::Nothing { rule: rule.name.clone(), what });
            }
            rule.check_patterns()?;
        }
        Ok(())
    }

    fn check_issuers_differ(&self) -> Result<(), RulesError> {
        let same = |one: &Name, other: &Name, what| RulesError::Same { one: one.clone(), other: other.clone(), what };
        let is_same = |one: &IssuerSpec, other: &IssuerSpec| {
            (&one.url, &one.audience, &one.keys_file) == (&other.url, &other.audience, &other.keys_file)
        };
        if let Some((one, other)) = twins(&self.issuers, is_same) {
            return Err(same(&one.name, &other.name, "url and audience"));
        }
        match twins(&self.authorities, |one, other| one.ca_file == other.ca_file) {
            Some((one, other)) => Err(same(&one.name, &other.name, "ca-file")),
            None => Ok(()),
        }
    }
}

/// Two issuers of the same callers, if there are: the first of them would have all.
fn twins<T>(all: &[T], is_same: impl Fn(&T, &T) -> bool) -> Option<(&T, &T)> {
    let of = |(index, other)| all.iter().take(index).find(|one| is_same(one, other)).map(|one| (one, other));
    all.iter().enumerate().find_map(of)
}

/// Why a text has no rules.
#[derive(Debug)]
pub(super) enum ParseError {
    /// It is no TOML of this form.
    Toml(Escaped),
    /// They contradict each other.
    Rules(RulesError),
}

fn once<'a>(kind: &'static str, names: impl Iterator<Item = &'a Name>) -> Result<(), RulesError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(RulesError::Twice { kind, name: name.clone() });
        }
    }
    Ok(())
}
