use crhost_flavor::FailureKind;
use crhost_flavor::testing::{self, assert_examples, assert_refuses, assert_refuses_other_flavors, registry};

use crhost_flavor::UploadProfile;

use super::*;

fn accepted(uri: &str) -> AcceptedUri {
    Azure::validate_uri(uri.into()).unwrap_or_else(|failure| panic!("{uri}: {failure:?}"))
}

fn refused(uri: &str) -> Failure {
    match Azure::validate_uri(uri.into()) {
        Ok(accepted) => panic!("{uri} was accepted as {}", accepted.uri),
        Err(failure) => failure,
    }
}

fn image(host: &str) -> Image {
    testing::image(host, "team/train")
}

fn credentials(host: &str, connector: Option<Connector>) -> Result<Credential, Failure> {
    Azure::credentials(registry(host, &[]), connector, Purpose::Push, Some(image(host)))
}

fn connector(method: &str) -> Connector {
    testing::connector(method, &[])
}

#[test]
fn every_form_of_a_registry_is_accepted() {
    for host in [
        "contoso.azurecr.io",
        "contoso.azurecr.cn",
        "contoso.azurecr.us",
        "zenml.azurecr.io",
        "12345.azurecr.io",
        "a1234567890123456789012345678901234567890123456789.azurecr.io",
        "contosoacrregistry-e7ggejfuhzhgedc8.azurecr.io",
        "contoso-e7ggejfuhzhgedc8.azurecr.us",
        "contoso.westeurope.geo.azurecr.io",
        "contoso.eastus2.geo.azurecr.io",
        "contoso-e7ggejfuhzhgedc8.eastus2.geo.azurecr.io",
        "contoso.chinaeast2.geo.azurecr.cn",
        "contoso.usgovvirginia.geo.azurecr.us",
        "contoso.azurecr.sovcloud-azure.fr",
        "contoso.azurecr.sovcloud-azure.de",
        "contoso-e7ggejfuhzhgedc8.deloscloudgermanycentral.geo.azurecr.sovcloud-azure.de",
        "contoso.azurecr.eaglex.ic.gov",
        "contoso.azurecr.microsoft.scloud",
    ] {
        assert_eq!(accepted(host), AcceptedUri::new(host));
        // A path is a namespace of repositories.
        let below = format!("{host}/team/ml");
        assert_eq!(accepted(&below), AcceptedUri::new(below));
    }
}

#[test]
fn what_is_typed_otherwise_has_the_same_canonical_form() {
    for text in ["contoso.azurecr.io/", "contoso.azurecr.io///", "Contoso.AzureCR.io", "contoso.azurecr.io:443"] {
        assert_eq!(accepted(text), AcceptedUri::new("contoso.azurecr.io"), "{text}");
    }
    assert_eq!(accepted("Contoso.WestEurope.geo.azurecr.io/team/").uri, "contoso.westeurope.geo.azurecr.io/team");
}

#[test]
fn every_example_is_accepted_as_it_stands() {
    assert_examples::<Azure>();
    for uri in Azure::describe().uri_examples {
        assert_eq!(accepted(&uri), AcceptedUri::new(uri));
    }
}

#[test]
fn what_is_doubtful_is_accepted_with_a_warning() {
    for (uri, warning) in [
        ("contoso-abc123.azurecr.io", "dash"),
        ("contoso.azurecr.cloud.example", "no cloud of Azure"),
        ("contoso.azurecr.cloud.example/team", "`authority-endpoint`"),
        ("127.0.0.1:5000", "`exchange-endpoint`"),
        ("localhost:5000/team", "`exchange-endpoint`"),
        ("registry.azure.example.com", "`exchange-endpoint`"),
        ("proxy.example.com/azurecr", "`exchange-endpoint`"),
        ("[::1]:5000", "`exchange-endpoint`"),
    ] {
        let accepted = accepted(uri);
        assert_eq!((accepted.uri.as_str(), accepted.warnings.len()), (uri, 1));
        assert!(accepted.warnings[0].contains(warning), "{uri}: {:?}", accepted.warnings);
    }
}

#[test]
fn what_only_looks_like_azure_is_refused_with_what_was_meant() {
    let meant = "`contoso.azurecr.io`";
    assert_refuses::<Azure>(&[
        ("contoso.azurecr.io.evil.com", meant),
        ("zenml.azurecr.io.evil.com", "`zenml.azurecr.io`"),
        ("contoso.azurecr.cn.evil.io", "`contoso.azurecr.cn`"),
        ("contoso.azurecr.com", meant),
        ("contoso.azurecr.com.cn", "`contoso.azurecr.cn`"),
        ("contoso.azurecr", meant),
        ("contoso.azure.io", meant),
        ("contoso.azure.us", "`contoso.azurecr.us`"),
        ("contoso.azurcr.io/team", "`contoso.azurecr.io/team`"),
        ("contoso.azuercr.io", meant),
        ("contoso.azureacr.io", meant),
        ("contoso.acr.io", meant),
        ("contoso.azurecr.sovcloud-azure.fr.evil.com", "`contoso.azurecr.sovcloud-azure.fr`"),
        ("contoso.azurecr.sovcloud-azure.ft", "`contoso.azurecr.sovcloud-azure.fr`"),
        ("xazurecr.io", "e.g."),
        ("azurecr.io", "e.g."),
        ("azurecr.io.evil.com", "e.g."),
        ("azure.io", "e.g."),
        ("portal.azure.com", "e.g."),
        ("abcd.azurecr.io", "e.g."),
        ("a12345678901234567890123456789012345678901234567890.azurecr.io", "e.g."),
        ("my-registry.azurecr.io", "`myregistry.azurecr.io`"),
        ("my_registry.azurecr.io", "`myregistry.azurecr.io`"),
        ("contoso-.azurecr.io", "e.g."),
        ("contoso-a-e7ggejfuhzhgedc8.azurecr.io", "did you mean"),
        ("contoso.westeurope.data.azurecr.io", meant),
        ("contoso.westeurope.data.azurecr.io/team", "`contoso.azurecr.io/team`"),
        ("contoso.chinaeast2.data.azurecr.cn", "`contoso.azurecr.cn`"),
        ("contoso.privatelink.azurecr.io", meant),
        ("contoso.westeurope.data.privatelink.azurecr.io", meant),
        ("contoso.westeurope.azurecr.io", meant),
        ("contoso.geo.azurecr.io", meant),
        ("a.contoso.westeurope.geo.azurecr.io", "e.g."),
        ("contoso.azurecr.de", "`.azurecr.io` now"),
        ("mcr.microsoft.com", "e.g."),
        ("mcr.microsoft.com/azure-cli", "e.g."),
        ("contoso.azurecr.io:5000", meant),
        ("https://contoso.azurecr.io", meant),
        ("http://contoso.azurecr.io/", meant),
        ("contoso.azurecr.io/train:v1", "tag"),
        ("contoso.azurecr.io/Team", "`team`"),
        (
            "/subscriptions/0/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/Contoso",
            "`contoso.azurecr.io`",
        ),
        ("contoso", meant),
        ("Contoso", meant),
        ("foo", "e.g."),
        ("", "e.g."),
    ]);
}

#[test]
fn a_registry_that_is_known_to_be_of_another_kind_is_refused_with_its_flavor() {
    assert_refuses::<Azure>(&[
        ("ghcr.io/acme", "use the flavor `github` for `ghcr.io/acme`"),
        ("ghcr.io/Acme", "use the flavor `github` for `ghcr.io/acme`"),
        ("public.ecr.aws/acme", "`aws`"),
        ("us.icr.io/acme", "`ibm`"),
        ("docker.com/acme", "`dockerhub`"),
    ]);
}

#[test]
fn what_zenml_takes_for_a_registry_of_somebody_else_s_is_refused() {
    for uri in ["foo", "https://contoso.azurecr.io///", "contoso.azurecr.io\n", "user:pw@contoso.azurecr.io"] {
        assert!(!refused(uri).message.contains("pw"), "{uri}");
    }
}

#[test]
fn without_a_connector_docker_has_the_credentials() {
    let credential = credentials("contoso.azurecr.io", None);
    assert!(matches!(credential.unwrap(), Credential::DockerConfig));
    let prepared = Azure::prepare_image_push(registry("localhost:5000", &[]), None, image("localhost:5000")).unwrap();
    assert_eq!(prepared, Prepared::new(UploadProfile::standard()));
}

#[test]
fn what_is_wrong_about_a_connector_or_an_option_is_told_before_any_request() {
    let prepare = |method: &str| {
        let registry = registry("contoso.azurecr.io", &[]);
        Azure::prepare_image_push(registry, Some(connector(method)), image("contoso.azurecr.io")).unwrap_err()
    };
    assert_eq!(prepare("robot").kind, FailureKind::Unsupported);
    assert_eq!(prepare(names::SERVICE_PRINCIPAL).kind, FailureKind::Unauthenticated);
    let own = credentials("localhost:5000", Some(connector(names::IMPLICIT)));
    assert!(own.err().unwrap().hint.unwrap().contains("exchange-endpoint"));
    for method in [names::ACCESS_TOKEN, names::ADMIN_USER] {
        assert!(Azure::identify(connector(method), &Options::default()).is_err());
    }
}

#[test]
fn every_example_of_another_flavor_is_refused_with_that_flavor() {
    assert_refuses_other_flavors::<Azure>();
}

#[test]
fn the_fields_that_take_id_tokens_are_as_crhost_wants_them() {
    crhost_flavor::testing::assert_id_tokens::<Azure>();
}

#[test]
fn the_programs_that_print_tokens_are_as_crhost_wants_them() {
    crhost_flavor::testing::assert_commands::<Azure>();
}
