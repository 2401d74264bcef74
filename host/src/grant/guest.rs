//! Who sends requests: a component, as messages and hints name it.

use std::fmt;

use crate::text::Printable;

/// The kind of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GuestKind {
    /// It knows one kind of registry.
    Flavor,
    /// It admits what is pushed, copied and deleted.
    Policy,
}

/// A component by its kind and name. Shown as ``flavor `acme` ``.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Guest {
    kind: GuestKind,
    name: String,
    /// Whether it is called from its file, so that options of the call grant, and no other command.
    is_tried: bool,
}

impl GuestKind {
    /// The word for it, which is also that of its commands.
    #[must_use]
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Flavor => "flavor",
            Self::Policy => "policy",
        }
    }
}

impl Guest {
    /// The flavor of a name.
    #[must_use]
    pub(crate) fn flavor(name: &str) -> Self {
        Self { kind: GuestKind::Flavor, name: name.to_owned(), is_tried: false }
    }

    /// The policy of a name.
    #[must_use]
    pub(crate) fn policy(name: &str) -> Self {
        Self { kind: GuestKind::Policy, name: name.to_owned(), is_tried: false }
    }

    /// The same component, called from its file.
    #[must_use]
    pub(crate) fn tried(self) -> Self {
        Self { is_tried: true, ..self }
    }

    /// Its kind.
    #[must_use]
    pub(crate) fn kind(&self) -> GuestKind {
        self.kind
    }

    /// Its name.
    #[must_use]
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is called from its file.
    #[must_use]
    pub(crate) fn is_tried(&self) -> bool {
        self.is_tried
    }

    /// The command that grants it a host with an option such as `--allow-host`; the option alone for one that is called
    /// from its file.
    #[must_use]
    pub(crate) fn grant_command(&self, option: &str, host: &str) -> String {
        if self.is_tried {
            return format!("{option} {host}");
        }
        let verb = match self.kind {
            GuestKind::Flavor => "grant",
            GuestKind::Policy => "update",
        };
        format!("crhost {} {verb} {} {option} {host}", self.kind.word(), self.name)
    }

    /// The command that shows its operations.
    #[must_use]
    pub(crate) fn describe_command(&self) -> String {
        if self.is_tried {
            return "crhost flavor inspect FILE".to_owned();
        }
        format!("crhost {} describe {}", self.kind.word(), self.name)
    }
}

/// The names of flavors and policies are parsed, or escaped.
impl Printable for Guest {}

impl fmt::Display for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind.word(), self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_own_commands() {
        let (flavor, policy) = (Guest::flavor("acme"), Guest::policy("bases"));
        assert_eq!((flavor.to_string(), policy.to_string()), ("flavor `acme`".into(), "policy `bases`".into()));
        let host = "https://a.example";
        assert_eq!(flavor.grant_command("--allow-host", host), format!("crhost flavor grant acme --allow-host {host}"));
        assert_eq!(
            policy.grant_command("--allow-host", host),
            format!("crhost policy update bases --allow-host {host}")
        );
        assert_eq!(policy.describe_command(), "crhost policy describe bases");
        // What is called from its file has no name in a store.
        assert_eq!(flavor.tried().grant_command("--allow-host", host), format!("--allow-host {host}"));
        assert_eq!(policy.tried().describe_command(), "crhost flavor inspect FILE");
    }
}
