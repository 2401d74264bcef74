//! Variables of crhost that are set, and those that look like one and are none.

use super::finding::{Check, Finding};
use crate::environment::{EnvVars, Environment};
use crate::text::{nearest, quoted};

/// The beginning of all variables that are crhost's own.
const OWN: &str = "CRHOST_";

/// Looks for misspelt variables, whose values are not used.
pub(super) fn variables(environment: &Environment) -> Vec<Finding> {
    let known: Vec<&str> = EnvVars::ALL.iter().map(|one| one.name).filter(|name| name.starts_with(OWN)).collect();
    let mut set: Vec<String> = environment.names().filter(|name| name.starts_with(OWN)).map(String::from).collect();
    set.sort();
    let (own, unknown): (Vec<String>, Vec<String>) = set.into_iter().partition(|name| known.contains(&name.as_str()));
    if unknown.is_empty() {
        let found = if own.is_empty() { "no variable of crhost is set".to_owned() } else { quoted(&own) };
        return vec![Finding::ok(Check::Environment, found)];
    }
    let warning = |name: &String| {
        let found = format!("`{name}` is no variable that crhost reads");
        // Without what all have in common.
        let rest = |name: &str| name.trim_start_matches(OWN).to_owned();
        let next = match nearest(&rest(name), known.iter().map(|name| rest(name))) {
            Some(near) => format!("did you mean `{OWN}{near}`?"),
            None => format!("`unset {name}`, if it was meant for crhost"),
        };
        Finding::warning(Check::Environment, found, next)
    };
    unknown.iter().map(warning).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_variable_is_told_with_the_one_that_is_meant() {
        let next = |name: &str| {
            let findings = variables(&Environment::from_iter([(name, "x"), ("CRHOST_HOME", "/x"), ("HOME", "/y")]));
            findings.into_iter().map(|one| one.next.map(String::from).unwrap_or_default()).collect::<Vec<_>>()
        };
        // In two pieces, as they are no variables that a document could name.
        let (misspelt, other) = (format!("{OWN}REGISTY"), format!("{OWN}ANYTHING_AT_ALL"));
        assert_eq!(next(&misspelt), ["did you mean `CRHOST_REGISTRY`?"]);
        assert_eq!(next(&other), [format!("`unset {other}`, if it was meant for crhost")]);
        assert_eq!(next("CRHOST_LOG"), [""]);
        assert_eq!(next("DOCKER_HOST"), [""]);
    }
}
