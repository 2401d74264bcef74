//! Roles in a repository that is created: only its creator has one otherwise.

use crhost_flavor::{Failure, OptionSpec, Options};

/// The option with roles of teams.
const TEAMS: &str = "team-roles";
/// The option with roles of robots.
const ROBOTS: &str = "robot-roles";

/// Roles of teams and robots.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Permissions(Vec<(&'static str, String, String)>);

impl Permissions {
    /// The roles that there are (`endpoints/api/permission.py` of Quay).
    pub(crate) const ROLES: [&'static str; 3] = ["read", "write", "admin"];

    /// The options.
    pub(crate) fn options() -> [OptionSpec; 2] {
        [
            OptionSpec::text(TEAMS, "Roles of teams in a repository that is created, e.g. `ml=write,qa=read`"),
            OptionSpec::text(ROBOTS, "Roles of robots in a repository that is created, e.g. `acme+ci=write`"),
        ]
    }

    /// Reads the options.
    pub(crate) fn of(options: &Options) -> Result<Self, Failure> {
        let mut all = Vec::new();
        for (option, kind) in [(TEAMS, "team"), (ROBOTS, "user")] {
            for pair in options.get(option).into_iter().flat_map(|text| text.split(',')) {
                let (name, role) = pair.trim().split_once('=').unwrap_or_default();
                let is_robot = name.split_once('+').is_some_and(|(home, name)| !home.is_empty() && !name.is_empty());
                if name.is_empty() || !Self::ROLES.contains(&role) || (kind == "user" && !is_robot) {
                    let expected = if kind == "user" { "namespace+robot=role" } else { "team=role" };
                    return Err(Failure::invalid_input(format!(
                        "`{pair}` in option `{option}` is no role, expected `{expected}`"
                    ))
                    .hint("roles are `read`, `write` and `admin`"));
                }
                all.push((kind, name.to_owned(), role.to_owned()));
            }
        }
        Ok(Self(all))
    }

    /// Each with the kind of its owner in the API, the owner, and the role.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.0.iter().map(|(kind, name, role)| (*kind, name.as_str(), role.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing::options;

    use super::*;

    #[test]
    fn roles_are_read_from_the_options_or_refused_with_what_is_expected() {
        let of = |pairs: &[(&str, &str)]| Permissions::of(&options(pairs));
        assert_eq!(of(&[]).unwrap(), Permissions::default());
        let some = of(&[(TEAMS, "ml=write, qa=read"), (ROBOTS, "acme+ci=admin")]).unwrap();
        let expected = [("team", "ml", "write"), ("team", "qa", "read"), ("user", "acme+ci", "admin")];
        assert_eq!(some.all().collect::<Vec<_>>(), expected);
        for (option, text) in [(TEAMS, "ml"), (TEAMS, "ml=owner"), (TEAMS, "=read"), (ROBOTS, "ci=write"), (ROBOTS, "")]
        {
            assert!(of(&[(option, text)]).unwrap_err().hint.unwrap().contains("`admin`"), "{text}");
        }
    }
}
