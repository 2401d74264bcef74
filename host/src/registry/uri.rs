//! The typed URI against the flavor's canonical form of it: a flavor may tidy a URI, but must not send images and
//! credentials to another host.

use super::error::RegistryError;
use crate::flavor::FlavorName;
use crate::image::{Host, RegistryUri};
use crate::text::{Escaped, printable};

/// Compares the two. Returns a warning if they differ in more than case.
///
/// # Errors
/// When the user typed a host and the flavor answers with another.
pub(super) fn compare(
    typed: &str,
    canonical: &RegistryUri,
    flavor: &FlavorName,
) -> Result<Option<String>, RegistryError> {
    let (first, _) = typed.split_once('/').unwrap_or((typed, ""));
    // Without a dot or a port it may be an account's name, whose host the flavor knows.
    let is_host = first == "localhost" || first.contains(['.', ':']);
    match first.parse::<Host>() {
        Ok(host) if is_host && host != *canonical.host() => Err(RegistryError::OtherHost {
            flavor: flavor.clone(),
            typed: Escaped::new(typed, 200),
            uri: canonical.clone(),
        }),
        _ => {
            let differs = !canonical.to_string().eq_ignore_ascii_case(typed.trim_end_matches('/'));
            Ok(differs.then(|| format!("flavor `{flavor}` reads `{}` as `{canonical}`", printable(typed, 200))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(typed: &str, canonical: &str) -> Result<Option<String>, RegistryError> {
        compare(typed, &canonical.parse().unwrap(), &"x".parse().unwrap())
    }

    #[test]
    fn a_host_that_was_typed_stays() {
        for (typed, canonical) in [
            ("registry.example.com/acme", "evil.example/acme"),
            ("registry.example.com", "registry.example.com.evil.example"),
            ("registry.example.com:5000/acme", "registry.example.com/acme"),
            ("localhost:5000", "localhost:5001"),
            ("docker.io/acme", "evil.example/acme"),
        ] {
            assert!(matches!(compared(typed, canonical), Err(RegistryError::OtherHost { .. })), "{typed} {canonical}");
        }
    }

    #[test]
    fn what_is_more_than_tidied_is_told() {
        for (typed, canonical) in [
            ("registry.example.com/acme", "registry.example.com/acme"),
            ("Registry.Example.com/Acme/", "registry.example.com/acme"),
        ] {
            assert_eq!(compared(typed, canonical).unwrap(), None, "{typed}");
        }
        for (typed, canonical) in [
            ("registry.example.com/acme", "registry.example.com/evil"),
            ("acme", "docker.io/acme"),
            ("index.docker.io/acme", "docker.io/acme"),
        ] {
            let told = compared(typed, canonical).unwrap().unwrap();
            assert!(told.contains(canonical), "{told}");
        }
    }
}
