use crhost_flavor::testing::{assert_examples, assert_refuses_other_flavors, connector, image, registry};
use crhost_flavor::{Deletion, FailureKind, UploadProfile};

use super::*;

const URI: &str = "us-docker.pkg.dev/my-project/r";
const HOST: &str = "us-docker.pkg.dev";
const IMAGE: &str = "my-project/r/train";

#[test]
fn the_description_keeps_the_promises_of_the_contract() {
    let description = Gcp::describe();
    assert_examples::<Gcp>();
    for uri in &description.uri_examples {
        assert_eq!(&Gcp::validate_uri(uri.clone()).unwrap().uri, uri);
    }
    let methods: Vec<_> = description.auth_methods.iter().map(|method| method.name.as_str()).collect();
    let expected = [
        "service-account",
        "impersonation",
        "user-account",
        "workload-identity",
        "external-account",
        "oauth2-token",
        "implicit",
        "password",
    ];
    assert_eq!(methods, expected);
    for method in &description.auth_methods {
        let secret = |field: &crhost_flavor::Field| field.kind == crhost_flavor::FieldKind::SecretJson;
        for field in method.fields.iter().filter(|field| secret(field)) {
            for hidden in
                ["private_key", "refresh_token", "client_secret", "source_credentials", "credential_source", "headers"]
            {
                assert!(!field.public_members.iter().any(|name| name == hidden), "{} {hidden}", method.name);
            }
        }
    }
    for option in &description.options {
        assert!(option.summary.len() <= 160, "{}", option.name);
    }
}

#[test]
fn without_a_connector_docker_has_the_credentials_and_nothing_is_looked_at() {
    let credential = Gcp::credentials(registry(URI, &[]), None, Purpose::Push, Some(image(HOST, IMAGE))).unwrap();
    assert!(matches!(credential, Credential::DockerConfig));
    let prepared = Gcp::prepare_image_push(registry(URI, &[]), None, image(HOST, IMAGE)).unwrap();
    let profile = UploadProfile { deletion: Deletion::ByTag, ..UploadProfile::standard() };
    assert_eq!((prepared.profile, prepared.notes.len()), (profile, 1));
}

#[test]
fn blobs_go_in_one_request_each() {
    let prepared = Gcp::prepare_image_push(registry(URI, &[]), None, image(HOST, IMAGE)).unwrap();
    assert_eq!(prepared.profile.upload, crhost_flavor::Upload::Monolithic);
}

#[test]
fn what_is_wrong_about_a_connector_is_told_before_any_request() {
    let prepare = |method: &str, fields: &[(&str, &str)], options: &[(&str, &str)]| {
        let registry = registry("localhost:5000", options);
        Gcp::prepare_image_push(registry, Some(connector(method, fields)), image("localhost:5000", IMAGE)).unwrap_err()
    };
    let location = [("location", "us")];
    assert_eq!(prepare("secret-key", &[], &location).kind, FailureKind::Unsupported);
    assert_eq!(prepare("service-account", &[], &location).kind, FailureKind::Unauthenticated);
    assert_eq!(prepare("service-account", &[], &[]).kind, FailureKind::InvalidInput);
    assert_eq!(prepare("oauth2-token", &[], &location).kind, FailureKind::Unauthenticated);
    let bad = [("target-principal", "nobody")];
    assert!(prepare("implicit", &bad, &location).message.contains("`nobody`"));
    let no_project = Gcp::list_resources(connector("implicit", &[]), &Options::default()).unwrap_err();
    assert!(no_project.hint.unwrap().contains("--project-id="));
}

#[test]
fn a_password_of_docker_s_is_for_the_registry_alone() {
    let user = |name: &str| connector("password", &[("username", name)]);
    let credentials = |uri: &str, host: &str, name: &str| {
        let image = Some(image(host, IMAGE));
        Gcp::credentials(registry(uri, &[]), Some(user(name)), Purpose::Push, image).unwrap_err()
    };
    assert!(credentials(URI, HOST, "alice").message.contains("no user `alice`"));
    // What is missing then is the password, which no test outside of a host can make.
    for name in ["oauth2accesstoken", "_json_key", "_json_key_base64", "_token", "_dcgcr_2_1_token"] {
        assert!(credentials(URI, HOST, name).message.contains("`password`"), "{name}");
    }
    assert!(credentials("localhost:5000", "localhost:5000", "alice").message.contains("`password`"));
    let prepared = Gcp::prepare_image_push(registry(URI, &[]), Some(user("_json_key")), image(HOST, IMAGE)).unwrap();
    assert_eq!(prepared.notes.len(), 1);
    assert_eq!(Gcp::identify(user("_json_key"), &Options::default()).unwrap_err().kind, FailureKind::Unsupported);
}

#[test]
fn every_example_of_another_flavor_is_refused_with_that_flavor() {
    assert_refuses_other_flavors::<Gcp>();
}

#[test]
fn the_fields_that_take_id_tokens_are_as_crhost_wants_them() {
    crhost_flavor::testing::assert_id_tokens::<Gcp>();
}

#[test]
fn the_programs_that_print_tokens_are_as_crhost_wants_them() {
    crhost_flavor::testing::assert_commands::<Gcp>();
}
