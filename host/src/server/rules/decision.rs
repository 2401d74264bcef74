//! Whether a caller may do something, by which rule, or why by none.

use serde_json::Value;

use super::types::{OneOrMore, Operation, Rule, Rules};
use crate::image::Repository;
use crate::server::token::Caller;
use crate::store::Name;
use crate::text::Escaped;

/// What a caller wants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The operation.
    pub(crate) operation: Operation,
    /// The registry's name.
    pub(crate) registry: &'a Name,
    /// The repository, as names of images have it after the host; `None` for the whole registry.
    pub(crate) repository: Option<&'a Repository>,
}

/// The answer.
pub(crate) enum Decision<'a> {
    /// These rules allow it, in their order; at least one.
    Allowed(Vec<&'a Rule>),
    /// None does; each with what is against it.
    Denied(Vec<(&'a Rule, Mismatch)>),
}

/// The first part of a rule that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mismatch {
    /// It is for tokens of another issuer.
    Issuer,
    /// A claim is missing or has another value.
    Claim(Escaped),
    /// It does not allow this operation.
    Operation,
    /// It is about other registries.
    Registry,
    /// It is about other repositories.
    Repository,
}

impl Mismatch {
    /// In words.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Issuer => "is for another issuer".to_owned(),
            Self::Claim(name) => format!("wants another `{name}`"),
            Self::Operation => "does not allow this operation".to_owned(),
            Self::Registry => "is for other registries".to_owned(),
            Self::Repository => "is for other repositories".to_owned(),
        }
    }
}

impl Rules {
    /// Whether a caller may do what it wants.
    pub(crate) fn decide(&self, caller: &Caller, wanted: Wanted<'_>) -> Decision<'_> {
        let judged: Vec<_> = self.rules.iter().map(|rule| (rule, rule.mismatch(caller, wanted))).collect();
        let allowing: Vec<&Rule> =
            judged.iter().filter(|(_, against)| against.is_none()).map(|(rule, _)| *rule).collect();
        if !allowing.is_empty() {
            return Decision::Allowed(allowing);
        }
        Decision::Denied(judged.into_iter().filter_map(|(rule, against)| Some((rule, against?))).collect())
    }

    /// The rules by which a caller may do anything with a registry.
    pub(crate) fn of_registry<'a>(&'a self, caller: &'a Caller, registry: &'a Name) -> impl Iterator<Item = &'a Rule> {
        let fits = |rule: &&Rule| rule.caller_mismatch(caller).is_none() && rule.registries.matches(registry.as_str());
        self.rules.iter().filter(fits)
    }
}

impl Rule {
    /// The claims of a caller for which it allows something, by their names here.
    pub(crate) fn matched(&self, caller: &Caller) -> Vec<(&str, String)> {
        let first = |(name, patterns): (&'_ String, &OneOrMore)| {
            texts(claim(&caller.claims, name)?).into_iter().find(|text| patterns.matches(text))
        };
        self.claims.iter().filter_map(|one| Some((one.0.as_str(), first(one)?))).collect()
    }

    /// What is against it; `None` if it allows what is wanted.
    fn mismatch(&self, caller: &Caller, wanted: Wanted<'_>) -> Option<Mismatch> {
        let repository = match wanted.repository {
            Some(repository) => self.repositories.matches(repository.as_str()),
            None => self.repositories.patterns().iter().any(|pattern| pattern.as_str() == "**"),
        };
        self.caller_mismatch(caller)
            .or_else(|| (!self.allow.contains(&wanted.operation)).then_some(Mismatch::Operation))
            .or_else(|| (!self.registries.matches(wanted.registry.as_str())).then_some(Mismatch::Registry))
            .or_else(|| (!repository).then_some(Mismatch::Repository))
    }

    fn caller_mismatch(&self, caller: &Caller) -> Option<Mismatch> {
        if self.issuer != caller.issuer {
            return Some(Mismatch::Issuer);
        }
        let missed = |(name, patterns): &(&String, &OneOrMore)| {
            !claim(&caller.claims, name).is_some_and(|value| texts(value).iter().any(|text| patterns.matches(text)))
        };
        self.claims.iter().find(missed).map(|(name, _)| Mismatch::Claim(Escaped::new(name, 100)))
    }
}

fn claim<'a>(claims: &'a Value, name: &str) -> Option<&'a Value> {
    if name.starts_with('/') { claims.pointer(name) } else { claims.get(name) }
}

/// The texts of a claim: it may be a list, such as one of groups. An object is none.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Bool(truth) => vec![truth.to_string()],
        Value::Array(list) => list.iter().filter(|one| !one.is_array()).flat_map(texts).collect(),
        Value::Null | Value::Object(_) => Vec::new(),
    }
}
