//! The flavor `default`: any registry that speaks the OCI distribution protocol, with no rules of its own.
#![forbid(unsafe_code)]

use crhost_flavor::uri::Rules;
use crhost_flavor::{
    AcceptedUri, Connector, Credential, Description, Failure, Flavor, Image, Prepared, Purpose, Registry,
    UploadProfile, password,
};

/// The flavor.
pub struct AnyRegistry;

/// Any well-formed URI will do. A bare word is most often an account of Docker Hub, which this flavor must not guess.
const RULES: Rules = Rules {
    flavor: "default",
    example: "registry.example.com/team",
    no_host: |path| format!("write `host/{path}`, or for an account of Docker Hub use the flavor `dockerhub`"),
    lower_case: "",
    not_ours: None,
    grammar: |uri| Ok(AcceptedUri::new(uri.to_string())),
};

impl Flavor for AnyRegistry {
    fn describe() -> Description {
        Description::new(
            "default",
            env!("CARGO_PKG_VERSION"),
            "Any registry that speaks the OCI distribution protocol, with a password or Docker's own credentials",
        )
        .uri_examples(["localhost:5000", "registry.example.com/team", "quay.io/my-org", "192.168.1.100:9000"])
        .auth_method(password::method())
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        RULES.accept(&uri)
    }

    fn prepare_image_push(_: Registry, _: Option<Connector>, _: Image) -> Result<Prepared, Failure> {
        Ok(Prepared::new(UploadProfile::standard()))
    }

    fn credentials(
        _: Registry,
        connector: Option<Connector>,
        _: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        match connector {
            None => Ok(Credential::DockerConfig),
            Some(connector) => password::credential(connector),
        }
    }
}

crhost_flavor::export!(AnyRegistry);

#[cfg(test)]
mod tests {
    use crhost_flavor::{FailureKind, Options, Upload, testing};

    use super::*;

    fn registry() -> Registry {
        Registry { name: "local".into(), uri: "localhost:5000".into(), options: Vec::new() }
    }

    fn image() -> Image {
        Image { host: "localhost:5000".into(), repository: "train".into(), tag: Some("v1".into()), digest: None }
    }

    #[test]
    fn asks_for_these_operations_and_no_other() {
        let asked = ["docker/password: password is the registry's password"];
        assert_eq!(testing::operations::<AnyRegistry>(), asked);
    }

    #[test]
    fn every_example_is_accepted_as_it_stands() {
        for uri in AnyRegistry::describe().uri_examples {
            assert_eq!(AnyRegistry::validate_uri(uri.clone()).unwrap(), AcceptedUri::new(uri));
        }
    }

    #[test]
    fn a_uri_is_made_canonical_and_an_odd_host_is_a_warning() {
        let accepted = AnyRegistry::validate_uri("Selfhosted_Harbor.com/x/".into()).unwrap();
        assert_eq!(accepted.uri, "selfhosted_harbor.com/x");
        assert_eq!(accepted.warnings.len(), 1);
    }

    #[test]
    fn a_bare_word_is_refused_with_both_ways_out() {
        let failure = AnyRegistry::validate_uri("foo".into()).unwrap_err();
        assert_eq!(failure.kind, FailureKind::InvalidInput);
        let hint = failure.hint.unwrap();
        assert!(hint.contains("`host/foo`") && hint.contains("`dockerhub`"), "{hint}");
    }

    #[test]
    fn a_malformed_uri_is_refused_with_its_own_hint() {
        let failure = AnyRegistry::validate_uri("https://gcr.io/p".into()).unwrap_err();
        assert_eq!(failure.hint.as_deref(), Some("leave the scheme out: `gcr.io/p`"));
    }

    #[test]
    fn nothing_is_prepared_and_docker_has_the_credentials() {
        let prepared = AnyRegistry::prepare_image_push(registry(), None, image()).unwrap();
        assert_eq!(prepared.profile.upload, Upload::Monolithic);
        assert!(prepared.profile.mount && prepared.profile.zstd && prepared.notes.is_empty());
        let credential = AnyRegistry::credentials(registry(), None, Purpose::Push, Some(image())).unwrap();
        assert!(matches!(credential, Credential::DockerConfig));
    }

    #[test]
    fn the_forms_that_documents_show_are_accepted_or_refused_with_a_way_out() {
        for (text, canonical, warnings) in [
            ("localhost:5000/", "localhost:5000", 0),
            ("LOCALHOST:5000", "localhost:5000", 0),
            ("localhost:80", "localhost:80", 0),
            ("localhost", "localhost", 0),
            ("localhost:5000/foo", "localhost:5000/foo", 0),
            ("127.0.0.1:5000", "127.0.0.1:5000", 0),
            ("[::1]:5000", "[::1]:5000", 0),
            ("host.docker.internal:5000", "host.docker.internal:5000", 0),
            ("192.168.1.100:9000/x", "192.168.1.100:9000/x", 0),
            ("selfhosted_harbor.com/x", "selfhosted_harbor.com/x", 1),
            ("quay.io/x", "quay.io/x", 0),
            ("123456789.dkr.ecr.us-east-1.amazonaws.com", "123456789.dkr.ecr.us-east-1.amazonaws.com", 0),
            ("gcr.io/my-proj", "gcr.io/my-proj", 0),
            ("zenml.azurecr.io", "zenml.azurecr.io", 0),
            ("GHCR.io/me", "ghcr.io/me", 0),
            ("docker.io", "docker.io", 0),
            ("docker.io/zenml", "docker.io/zenml", 0),
            ("index.docker.io/zenml", "index.docker.io/zenml", 0),
            ("registry-1.docker.io/me", "registry-1.docker.io/me", 0),
            ("public.ecr.aws/acme/train", "public.ecr.aws/acme/train", 0),
            ("europe-docker.pkg.dev/p/r", "europe-docker.pkg.dev/p/r", 0),
            ("contoso-e7ggejfuhzhgedc8.azurecr.io", "contoso-e7ggejfuhzhgedc8.azurecr.io", 0),
            ("registry.gitlab.com/acme/ml", "registry.gitlab.com/acme/ml", 0),
            ("registry.digitalocean.com/my-registry", "registry.digitalocean.com/my-registry", 0),
            ("registry.example.com:443/x", "registry.example.com:443/x", 0),
            ("[2001:DB8::1]/x", "[2001:db8::1]/x", 0),
        ] {
            let accepted = AnyRegistry::validate_uri(text.into()).unwrap();
            assert_eq!((accepted.uri.as_str(), accepted.warnings.len()), (canonical, warnings), "{text}");
            assert_eq!(AnyRegistry::validate_uri(canonical.into()).unwrap().uri, canonical, "stable");
        }
        for (text, hint) in [
            ("localhost:99999", "e.g."),
            ("https://gcr.io/p///", "`gcr.io/p`"),
            ("http://localhost:5000", "`localhost:5000`"),
            ("https://index.docker.io/v1/", "`index.docker.io/v1`"),
            ("zenml", "`dockerhub`"),
            ("::1", "`[::1]`"),
            ("registry.example.com:0", "`registry.example.com:5000`"),
            ("quay.io/Acme", "`acme`"),
            ("quay.io/acme/train:v1", "`quay.io/acme/train`"),
            ("", "e.g."),
        ] {
            let said = AnyRegistry::validate_uri(text.into()).unwrap_err().hint.unwrap();
            assert!(said.contains(hint), "{text}: {said}");
        }
    }

    #[test]
    fn a_password_is_proved_by_its_registry_and_nowhere_else() {
        let connector = Connector { method: "password".into(), fields: Vec::new() };
        let failure = AnyRegistry::identify(connector, &Options::default()).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unsupported);
    }

    #[test]
    fn a_connector_of_another_method_is_refused() {
        let connector = Connector { method: "token".into(), fields: Vec::new() };
        let failure = AnyRegistry::credentials(registry(), Some(connector), Purpose::Push, None).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unsupported);
    }
}
