use crhost_flavor::FailureKind;
use crhost_flavor::http::Method;
use crhost_flavor::testing::{
    Host, answer, assert_examples, assert_refuses, assert_refuses_other_flavors, connector, image, registry,
};

use super::*;

fn accepted(uri: &str) -> AcceptedUri {
    Aws::validate_uri(uri.into()).unwrap_or_else(|failure| panic!("{uri}: {failure:?}"))
}

#[test]
fn every_form_of_a_private_and_a_public_registry_is_accepted() {
    for host in [
        "123456789012.dkr.ecr.us-east-1.amazonaws.com",
        "715803424592.dkr.ecr.us-east-1.amazonaws.com",
        "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com",
        "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com",
        "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com",
        "123456789012.dkr-ecr.us-west-2.on.aws",
        "123456789012.dkr-ecr-fips.us-west-2.on.aws",
        "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
        "123456789012.dkr.ecr.cn-northwest-1.amazonaws.com.cn",
        "123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn",
        "123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu",
        "123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov",
        "123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov",
        "123456789012.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk",
        "123456789012.dkr.ecr.us-isof-south-1.csp.hci.ic.gov",
        "123456789012.dkr.ecr-fips.us-isof-south-1.csp.hci.ic.gov",
        "public.ecr.aws/a1b2c3d4",
        "ecr-public.aws.com/acme",
    ] {
        assert_eq!(accepted(host), AcceptedUri::new(host));
        // A path is a namespace of repositories.
        let below = format!("{host}/team/ml");
        assert_eq!(accepted(&below), AcceptedUri::new(below));
    }
}

#[test]
fn what_is_typed_otherwise_has_the_same_canonical_form() {
    let canonical = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
    for text in [
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com///",
        "123456789012.DKR.ECR.us-east-1.AmazonAWS.com",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com:443",
    ] {
        assert_eq!(accepted(text), AcceptedUri::new(canonical), "{text}");
    }
    assert_eq!(accepted("Public.ECR.aws/acme/").uri, "public.ecr.aws/acme");
}

#[test]
fn every_example_is_accepted_as_it_stands() {
    assert_examples::<Aws>();
    for uri in Aws::describe().uri_examples {
        assert_eq!(accepted(&uri), AcceptedUri::new(uri));
    }
}

#[test]
fn what_is_doubtful_is_accepted_with_a_warning() {
    for (uri, warning) in [
        // The accounts of other documents.
        ("123456789.dkr.ecr.us-east-1.amazonaws.com", "9 digits"),
        ("123456789012.dkr.ecr.eu-west-9.amazonaws.com", "`eu-west-9`"),
        ("123456789012.dkr.ecr.ca-east-1.amazonaws.com", "did you mean `sa-east-1`?"),
        ("123456789012.dkr.ecr.mx-west-1.amazonaws.com/team", "did you mean `me-west-1`?"),
        ("123456789012.dkr.ecr.sa-central-1.amazonaws.com", "did you mean `ca-central-1`?"),
        ("000000000000.dkr.ecr.us-east-1.localhost.localstack.cloud:4566", "LocalStack"),
        ("000000000000.dkr.ecr.eu-west-1.localhost.localstack.cloud:4566/team", "`sts-endpoint`"),
        ("docker.ecr.corp.example", "`region`"),
        ("public.ecr.aws", "every alias"),
        ("127.0.0.1:5000", "`region`"),
        ("localhost:5000/team", "`region`"),
        ("ecr.example.com", "`region`"),
        ("registry.proxy.example.com/ecr", "`region`"),
        ("[::1]:5000", "`region`"),
    ] {
        let accepted = accepted(uri);
        assert_eq!((accepted.uri.as_str(), accepted.warnings.len()), (uri, 1));
        assert!(accepted.warnings[0].contains(warning), "{uri}: {:?}", accepted.warnings);
    }
}

#[test]
fn what_only_looks_like_ecr_is_refused_with_what_was_meant() {
    let meant = "`123456789012.dkr.ecr.us-east-1.amazonaws.com`";
    assert_refuses::<Aws>(&[
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com.fake.example.com", meant),
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com.cn.fake.example.com", meant),
        ("123456789012.dkr.ecr.us-east-1.amazonaw.com", meant),
        ("123456789012.dkr.ecr.us-east-1.amazonaws.co", meant),
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com.cn", meant),
        ("123456789012.ecr.us-east-1.amazonaws.com", meant),
        ("123456789012.drk.ecr.us-east-1.amazonaws.com", meant),
        ("123456789012.dkr.ecr.us-esat-1.amazonaws.com", meant),
        ("123456789012.dkr.ecr.useast1.amazonaws.com", meant),
        ("us-east-1.console.aws.amazon.com/ecr/repositories/private/123456789012/train", meant),
        ("arn:aws:ecr:us-east-1:123456789012:repository", meant),
        ("arn:aws:ecr:us-east-1:123456789012:repository/train", meant),
        ("arn:aws:s3:::bucket", "e.g."),
        ("123456789012.dkr.ecr.us-east-1.on.aws", "`123456789012.dkr-ecr.us-east-1.on.aws`"),
        ("123456789012.dkr-ecr.us-east-1.on.aws.com.cn", "`123456789012.dkr-ecr.us-east-1.on.aws`"),
        ("123456789012.dkr-ecr.us-east-1.amazonaws.com", "did you mean"),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com", "`123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn`"),
        ("123456789012.dkr.ecr.eusc-de-east-1.amazonaws.com", "`123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu`"),
        ("123456789012.dkr.ecr.amazonaws.com", "e.g."),
        ("api.ecr.us-east-1.amazonaws.com", "e.g."),
        ("amazonaws.com", "e.g."),
        ("1.dkr.ecr.us-east-1.localhost.localstack.cloud:4566", "e.g."),
        ("localhost.localstack.cloud.dkr.ecr.us-east-1.amazonaws.com", "e.g."),
        ("1234567890123.dkr.ecr.us-east-1.amazonaws.com", "get-caller-identity"),
        ("aws_account_id.dkr.ecr.us-east-1.amazonaws.com", "get-caller-identity"),
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com:5000", meant),
        ("https://123456789012.dkr.ecr.us-east-1.amazonaws.com", meant),
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com/train:v1", "tag"),
        ("gallery.ecr.aws/acme/train", "`public.ecr.aws/acme`"),
        ("public.ecr.aws.com/acme", "`public.ecr.aws/acme`"),
        ("public.ecr.amazonaws.com", "`public.ecr.aws/<alias>`"),
        ("public.ecr.aws/a", "alias"),
        ("public.ecr.aws/1a", "alias"),
        ("public.ecr.aws/ac--me", "alias"),
        ("public.ecr.aws/acme/team__ml", "below the alias"),
        ("public.ecr.aws:5000/acme", "`public.ecr.aws/acme`"),
        ("123456789012", "`123456789012.dkr.ecr.us-east-1.amazonaws.com`"),
        ("eu-west-1", "`123456789012.dkr.ecr.eu-west-1.amazonaws.com`"),
        ("foo", "e.g."),
        ("", "e.g."),
    ]);
}

#[test]
fn a_registry_that_is_known_to_be_of_another_kind_is_refused_with_its_flavor() {
    assert_refuses::<Aws>(&[
        ("ghcr.io/acme", "use the flavor `github` for `ghcr.io/acme`"),
        ("ghcr.io/Acme", "use the flavor `github` for `ghcr.io/acme`"),
        ("contoso.azurecr.cn/x", "`azure`"),
        ("us.icr.io/acme", "`ibm`"),
        ("docker.com/acme", "`dockerhub`"),
    ]);
}

#[test]
fn without_a_connector_docker_has_the_credentials_and_nothing_is_looked_at() {
    let uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
    let credential = Aws::credentials(registry(uri, &[]), None, Purpose::Push, Some(image(uri, "train"))).unwrap();
    assert!(matches!(credential, Credential::DockerConfig));
    let prepared = Aws::prepare_image_push(registry(uri, &[]), None, image(uri, "train")).unwrap();
    assert_eq!(prepared.notes.len(), 1);
}

#[test]
fn what_is_wrong_about_a_connector_is_told_before_any_request() {
    let prepare = |method: &str, options: &[(&str, &str)]| {
        Aws::prepare_image_push(
            registry("localhost:5000", options),
            Some(connector(method, &[])),
            image("localhost:5000", "a/b"),
        )
        .unwrap_err()
    };
    let region = [("region", "eu-west-1")];
    assert_eq!(prepare("password", &region).kind, FailureKind::Unsupported);
    assert_eq!(prepare(names::SECRET_KEY, &region).kind, FailureKind::Unauthenticated);
    assert_eq!(prepare(names::SECRET_KEY, &[]).kind, FailureKind::InvalidInput);
    let no_region = Aws::list_resources(connector(names::SECRET_KEY, &[]), &Options(Vec::new())).unwrap_err();
    assert!(no_region.hint.unwrap().contains("--region="));
}

#[test]
fn every_example_of_another_flavor_is_refused_with_that_flavor() {
    assert_refuses_other_flavors::<Aws>();
}

#[test]
fn the_fields_that_take_id_tokens_are_as_crhost_wants_them() {
    crhost_flavor::testing::assert_id_tokens::<Aws>();
}

#[test]
fn keys_that_the_commercial_partition_does_not_know_may_be_of_another_one() {
    let refused =
        "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>no</Message></Error></ErrorResponse>";
    for (fields, url, is_hinted) in [
        (&[("aws-access-key-id", "AKIAIOSFODNN7EXAMPLE")][..], "https://sts.us-east-1.amazonaws.com/", true),
        (
            &[("aws-access-key-id", "AKIAIOSFODNN7EXAMPLE"), ("region", "cn-north-1")],
            "https://sts.cn-north-1.amazonaws.com.cn/",
            false,
        ),
    ] {
        let host = Host::at(1_795_176_000).holding::<Aws>().answers(Method::Post, url, answer(403, refused));
        let connector = connector(names::SECRET_KEY, fields).with_secret("aws-secret-access-key", host.secret("s"));
        let failure = Aws::identify(connector, &Options(Vec::new())).unwrap_err();
        assert_eq!(failure.hint.unwrap().contains("`--region=cn-north-1`"), is_hinted, "{url}");
    }
}

#[test]
fn the_programs_that_print_keys_are_as_crhost_wants_them() {
    crhost_flavor::testing::assert_commands::<Aws>();
}
