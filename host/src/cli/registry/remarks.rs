//! What there is to say about a registry that was registered or changed: crhost's own words, and apart from them those
//! of its flavor, which is not trusted.

use serde::Serialize;

use super::super::output;

/// Most warnings of a flavor that are shown: more would push crhost's own words off the screen.
const MOST_WARNINGS: usize = 5;

/// Remarks, by speaker.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Remarks {
    /// Warnings of crhost itself.
    pub(super) warnings: Vec<String>,
    /// Warnings of the flavor, in its own words.
    pub(super) flavor_warnings: Vec<String>,
}

impl Remarks {
    /// Shows crhost's own words, then the flavor's under its name.
    pub(super) fn show(&self, flavor: &str) {
        self.warnings.iter().for_each(|warning| output::say("warning", warning));
        show_of_flavor(flavor, &self.flavor_warnings);
    }
}

/// Shows the warnings of a flavor under its name, and of too many only how many more there are.
pub(super) fn show_of_flavor(flavor: &str, warnings: &[String]) {
    for line in of_flavor(flavor, warnings) {
        output::say("warning", &line);
    }
}

fn of_flavor(flavor: &str, warnings: &[String]) -> Vec<String> {
    let shown = warnings.iter().take(MOST_WARNINGS);
    let mut lines: Vec<String> = shown.map(|warning| format!("flavor `{flavor}`: {warning}")).collect();
    let more = warnings.len().saturating_sub(MOST_WARNINGS);
    if more > 0 {
        lines.push(format!("flavor `{flavor}` has {more} more warnings, which are in the JSON output"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flavor_s_warnings_stand_under_its_name_and_are_few() {
        let forged = vec!["`acme` is read as `docker.io/acme` by flavor `x`".to_owned(); 63];
        let lines = of_flavor("x", &forged);
        assert_eq!(lines.len(), MOST_WARNINGS + 1);
        assert!(lines.iter().take(MOST_WARNINGS).all(|line| line.starts_with("flavor `x`: ")), "{lines:?}");
        assert!(lines.last().unwrap().contains("58 more"), "{lines:?}");
        assert_eq!(of_flavor("x", &forged[..MOST_WARNINGS]).len(), MOST_WARNINGS);
    }
}
