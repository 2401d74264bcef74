//! The members of each command's result, by which `--json` and `--format` are checked before the command runs.

use super::error::SelectionError;
use crate::text::{Escaped, quoted};

/// A line for each command with its members, `registry list[]: name uri`; those of each element where the command has
/// `[]`. A test writes it from the schemas of the results, `cargo xtask docs` runs it.
pub(in crate::cli) const TABLE: &str = include_str!("members.txt");

/// Commands that stand in two places, as they begin in the second one and in the first one.
const ALIASES: [(&str, &str); 2] = [("registry flavor ", "flavor "), ("connector login", "login")];

/// The members of one command's result.
pub(in crate::cli) struct Members(Vec<&'static str>);

impl Members {
    /// Those of a command, by its whole name; absent where its result is no JSON.
    pub(in crate::cli) fn of(command: &str) -> Option<Self> {
        let command = command.strip_prefix("crhost ")?;
        let same = ALIASES.into_iter().find_map(|(alias, of)| Some((of, command.strip_prefix(alias)?)));
        let command = &same.map_or_else(|| command.to_owned(), |(of, rest)| format!("{of}{rest}"));
        let is_it = |name: &str| name.strip_suffix("[]").unwrap_or(name) == command;
        let mut lines = TABLE.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(name, _)| is_it(name)).map(|(_, members)| Self(members.split(' ').collect()))
    }

    /// The names of the members.
    pub(in crate::cli) fn names(&self) -> &[&'static str] {
        &self.0
    }

    /// All of them for users.
    pub(in crate::cli) fn listed(&self) -> String {
        quoted(&self.0)
    }

    /// The names as the result has them; upper and lower case are one.
    pub(super) fn check(&self, command: &str, names: Vec<String>) -> Result<Vec<String>, SelectionError> {
        let find = |name: String| match self.0.iter().find(|known| known.eq_ignore_ascii_case(name.trim())) {
            Some(known) => Ok((*known).to_owned()),
            None => Err(SelectionError::UnknownMember {
                command: command.into(),
                name: Escaped::new(&name, 80),
                known: self.0.iter().map(|known| Escaped::from(*known)).collect(),
            }),
        };
        names.into_iter().map(find).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Explain as _;

    #[test]
    fn members_are_those_of_the_command_whatever_their_case() {
        let known = Members::of("crhost registry list").unwrap();
        let given = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(known.check("it", given(&["Name", " uri"])).unwrap(), ["name", "uri"]);
        let error = known.check("crhost registry list", given(&["nam"])).unwrap_err();
        assert_eq!(error.to_string(), "the result of `crhost registry list` has no field `nam`");
        let hint = error.hint().unwrap();
        assert!(hint.starts_with("did you mean `name`? fields: `commands`, `connector`, "), "{hint}");
        assert!(Members::of("crhost man").is_none());
        assert!(Members::of("crhost").is_none());
    }
}
