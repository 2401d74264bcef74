//! What every flavor does with the text that a user typed as a registry's URI.

use crate::types::{AcceptedUri, Failure};

use super::error::Error;
use super::known::{self, LookAlike};
use super::registry_uri::RegistryUri;

/// The rules for the URIs of a flavor's registries: [`accept`](Self::accept) is the whole of `validate_uri`.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The flavor's name: registries that [`known`] has under another name are not its own.
    pub flavor: &'static str,
    /// A URI that is accepted, for hints.
    pub example: &'static str,
    /// The hint for a text that names no host, e.g. a bare namespace.
    pub no_host: fn(&str) -> String,
    /// Added to the hint for upper-case letters: why the registry has none. Empty, or begins with `: `.
    pub lower_case: &'static str,
    /// The failure for a registry that is known to be of another flavor; the hint names that flavor unless the failure
    /// has a hint already. `None` accepts such registries.
    pub not_ours: Option<fn(&RegistryUri) -> Failure>,
    /// The flavor's own grammar, for a well-formed URI that is not known to be another flavor's.
    pub grammar: fn(&RegistryUri) -> Result<AcceptedUri, Failure>,
}

impl Rules {
    /// Accepts a URI in its canonical form.
    ///
    /// A text with a fault that can be corrected, e.g. a scheme, is judged in its corrected form: the hint shows a form
    /// that is accepted, or the failure is that of the corrected form.
    pub fn accept(&self, text: &str) -> Result<AcceptedUri, Failure> {
        match RegistryUri::parse(text) {
            Ok(uri) => self.judge(&uri),
            Err(error) => Err(self.explain(&error, text)),
        }
    }

    fn judge(&self, uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
        let other = known::flavor_of(uri.host()).filter(|flavor| *flavor != self.flavor);
        if let (Some(flavor), Some(not_ours)) = (other, self.not_ours) {
            let failure = not_ours(uri);
            return Err(match failure.hint {
                Some(_) => failure,
                None if known::is_registry(uri.host()) => {
                    failure.hint(format!("use the flavor `{flavor}` for `{uri}`"))
                }
                None => failure.hint(format!("use the flavor `{flavor}`, which says what its registry is called")),
            });
        }
        let mut accepted = (self.grammar)(uri)?;
        // After the grammar, which may know better what was meant.
        if let Some(found) = known::look_alike(self.flavor, uri.host(), self.not_ours.is_some()) {
            return Err(self.refuse_look_alike(uri, &found));
        }
        accepted.warnings.extend(uri.warnings());
        Ok(accepted)
    }

    /// The failure for a host that resembles one of the flavor's own. What is meant for that one must not go there.
    fn refuse_look_alike(&self, uri: &RegistryUri, found: &LookAlike) -> Failure {
        let failure = Failure::invalid_input(format!(
            "host `{}` looks like one of `{}`, and does not belong to it",
            uri.host(),
            found.domain
        ));
        let mut meant = [&*found.meant, found.domain].into_iter().map(|host| self.judge(&uri.on_host(host)));
        failure.hint(match meant.find_map(Result::ok) {
            Some(AcceptedUri { uri: meant, .. }) => {
                format!("did you mean `{meant}`? If that host is meant, use the flavor `default`")
            }
            None => format!("{}; if that host is meant, use the flavor `default`", self.example_hint()),
        })
    }

    fn explain(&self, error: &Error, text: &str) -> Failure {
        let failure = Failure::invalid_input(error.to_string());
        if let Error::NoHost(path) = error {
            return failure.hint(self.accepted_hint((self.no_host)(path)));
        }
        // Corrected once: a text with two faults is told the first, so that a long text costs no deep recursion.
        let Some(corrected) = error.correction(text).and_then(|text| RegistryUri::parse(&text).ok()) else {
            return failure.hint(self.accepted_hint(error.hint_with(&self.example_hint())));
        };
        let reason = if matches!(error, Error::UpperCase(_)) { self.lower_case } else { "" };
        match self.judge(&corrected) {
            Ok(accepted) => failure.hint(format!("{}{reason}", error.hint_towards(&accepted.uri))),
            Err(failure) => failure,
        }
    }

    fn example_hint(&self) -> String {
        format!("write e.g. `{}`", self.example)
    }

    /// The hint, or the example in its place if the hint shows a URI that would be refused in turn. Whether one is
    /// accepted is only known here: the general grammar allows more than a flavor's own.
    fn accepted_hint(&self, hint: String) -> String {
        let are_accepted = shown_uris(&hint).all(|uri| self.judge(&uri).is_ok());
        match are_accepted {
            true => hint,
            false => self.example_hint(),
        }
    }
}

/// The registry URIs that a hint shows: the texts in backticks that are some.
pub(crate) fn shown_uris(hint: &str) -> impl Iterator<Item = RegistryUri> {
    hint.split('`').skip(1).step_by(2).filter_map(|text| RegistryUri::parse(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACME: Rules = Rules {
        flavor: "quay",
        example: "quay.io/acme",
        no_host: |path| format!("did you mean `quay.io/{path}`?"),
        lower_case: ": names have no upper-case letters",
        not_ours: Some(|uri| Failure::invalid_input(format!("`{}` is not ours", uri.host()))),
        grammar: |uri| match uri.path().len() {
            0 => Err(Failure::invalid_input("no namespace").hint("write a namespace")),
            _ => Ok(AcceptedUri::new(uri.to_string())),
        },
    };

    fn hint(text: &str) -> String {
        ACME.accept(text).map(|accepted| accepted.uri).expect_err(text).hint.unwrap()
    }

    #[test]
    fn a_fault_that_can_be_corrected_comes_with_a_form_that_is_accepted() {
        for (text, expected) in [
            ("quay.io/Acme/b", "write `acme`, as in `quay.io/acme/b`: names have no upper-case letters"),
            ("https://quay.io/acme/", "leave the scheme out: `quay.io/acme`"),
            ("quay.io/acme:v1", "leave the tag out: `quay.io/acme`"),
            ("quay.io/acme?x", "leave it out: `quay.io/acme`"),
            ("quay.io//acme", "write single slashes: `quay.io/acme`"),
        ] {
            assert_eq!(hint(text), expected, "{text}");
            let shown = expected.split('`').rev().nth(1).unwrap();
            assert!(ACME.accept(shown).is_ok(), "{shown}");
        }
    }

    #[test]
    fn no_hint_shows_a_form_that_is_refused_in_turn() {
        for (text, expected) in [
            ("ghcr.io/Acme", "use the flavor `github` for `ghcr.io/acme`"),
            ("https://ghcr.io/acme", "use the flavor `github` for `ghcr.io/acme`"),
            ("https://quay.io", "write a namespace"),
            ("quay.io?x", "write a namespace"),
            // Right in general, and too short for this flavor.
            ("localhost:0", "write e.g. `quay.io/acme`"),
            ("[::1", "write e.g. `quay.io/acme`"),
        ] {
            assert_eq!(hint(text), expected, "{text}");
        }
    }

    #[test]
    fn a_registry_of_another_flavor_is_refused_with_that_flavor() {
        assert_eq!(hint("contoso.azurecr.cn/x"), "use the flavor `azure` for `contoso.azurecr.cn/x`");
        assert!(hint("gitlab.com/acme").starts_with("use the flavor `gitlab`, "));
        let any = Rules { not_ours: None, ..ACME };
        assert_eq!(any.accept("ghcr.io/acme").unwrap().uri, "ghcr.io/acme");
    }

    #[test]
    fn a_host_that_resembles_the_flavor_s_own_is_refused_whatever_its_grammar_takes() {
        assert_eq!(
            hint("quay.io.evil.example/acme"),
            "did you mean `quay.io/acme`? If that host is meant, use the flavor `default`"
        );
        assert_eq!(
            hint("registry.quay.ioo/acme"),
            "did you mean `registry.quay.io/acme`? If that host is meant, use the flavor `default`"
        );
        // A flavor that takes the hosts of others takes those that are near its own, but none that pretends.
        let any = Rules { not_ours: None, ..ACME };
        assert!(any.accept("quay.ioo/acme").is_ok());
        assert!(any.accept("quay.io.evil.example/acme").is_err());
    }

    #[test]
    fn other_faults_come_with_an_example_of_the_flavor() {
        assert_eq!(hint("acme"), "did you mean `quay.io/acme`?");
        for text in ["", "-a.io/p", "quay.io/a..b", "https://GHCR.io/Acme:v1"] {
            assert!(hint(text).ends_with("write e.g. `quay.io/acme`"), "{text}: {}", hint(text));
        }
        let long = format!("quay.io/{}", "x@sha256:/".repeat(100_000));
        assert!(ACME.accept(&long).is_err());
    }

    #[test]
    fn an_odd_host_is_a_warning_behind_those_of_the_flavor() {
        let accepted = Rules { grammar: |uri| Ok(AcceptedUri::new(uri.to_string()).warning("own")), ..ACME };
        let warnings = accepted.accept("selfhosted_harbor.com/x").unwrap().warnings;
        assert_eq!((warnings.len(), warnings[0].as_str()), (2, "own"));
    }
}
