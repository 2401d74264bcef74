use crhost_flavor::testing::{
    Host, assert_accepts, assert_examples, assert_refuses, assert_refuses_other_flavors, connector, image, operations,
    registry,
};
use crhost_flavor::{FailureKind, Password};

use super::*;

#[test]
fn asks_for_no_operation() {
    assert_eq!(
        operations::<Oracle>(),
        ["oracle/auth-token: token is the registry's password", "docker/password: password is the registry's password",]
    );
}

#[test]
fn registries_are_accepted_in_canonical_form() {
    assert_accepts::<Oracle>(&[
        ("fra.ocir.io/mytenancy", "fra.ocir.io/mytenancy", 0),
        ("IAD.ocir.io:443/ansh81vru1zp/project01///", "iad.ocir.io/ansh81vru1zp/project01", 0),
        ("zzz.ocir.io/mytenancy", "zzz.ocir.io/mytenancy", 1),
        ("ocir.us-ashburn-1.oci.oraclecloud.com/t", "ocir.us-ashburn-1.oci.oraclecloud.com/t", 0),
        ("ocir.eu-frankfurt-2.oci.oraclecloud.eu/t", "ocir.eu-frankfurt-2.oci.oraclecloud.eu/t", 0),
        ("ocir.us-gov-phoenix-1.oci.oraclegovcloud.com/t", "ocir.us-gov-phoenix-1.oci.oraclegovcloud.com/t", 0),
        ("ocir.ap-chiyoda-1.oci.oraclecloud8.com/t", "ocir.ap-chiyoda-1.oci.oraclecloud8.com/t", 0),
        ("localhost:5000/t", "localhost:5000/t", 1),
        ("images.acme.example/t", "images.acme.example/t", 1),
        ("selfhosted_proxy.com/t", "selfhosted_proxy.com/t", 2),
        ("[::1]:5000/t", "[::1]:5000/t", 1),
    ]);
    assert_examples::<Oracle>();
    for uri in Oracle::describe().uri_examples {
        assert!(Oracle::validate_uri(uri).unwrap().warnings.is_empty());
    }
}

#[test]
fn what_is_no_registry_of_a_tenancy_is_refused_with_the_next_step() {
    assert_refuses::<Oracle>(&[
        ("fra.ocir.io", "`fra.ocir.io/<namespace>`"),
        ("localhost:5000", "`localhost:5000/<namespace>`"),
        ("fra.ocir.io/my.tenancy", "`fra.ocir.io/<namespace>`"),
        ("ocir.io/mytenancy", "did you mean `fra.ocir.io/mytenancy`"),
        ("eu-frankfurt-1.ocir.io/mytenancy", "did you mean `fra.ocir.io/mytenancy`"),
        ("a.fra.ocir.io/mytenancy", "did you mean `fra.ocir.io/mytenancy`"),
        ("iad.ocir.oi/mytenancy", "did you mean `iad.ocir.io/mytenancy`"),
        ("iad.ocri.io/mytenancy", "did you mean `iad.ocir.io/mytenancy`"),
        ("iad.ocir.io.evil.com/mytenancy", "did you mean `iad.ocir.io/mytenancy`"),
        ("ocir.us-ashburn-1.oci.oraclecloud.com.evil.com/t", "did you mean `fra.ocir.io/t`"),
        ("ocir.ashburn.oci.oraclecloud.com/t", "did you mean `fra.ocir.io/t`"),
        ("cloud.oracle.com.oraclecloud.com/t", "did you mean `fra.ocir.io/t`"),
        ("fra.ocir.io:5000/t", "`fra.ocir.io/t`"),
        ("fra.ocir.io/MyTenancy", "`fra.ocir.io/mytenancy`"),
        ("https://fra.ocir.io/t", "`fra.ocir.io/t`"),
        ("fra.ocir.io/t/train:v1", "`fra.ocir.io/t/train`"),
        ("mytenancy", "`fra.ocir.io/mytenancy`"),
        ("docker.io/acme", "`dockerhub`"),
        ("quay.io/x", "`quay`"),
        ("::1", "e.g."),
        ("localhost:99999/t", "e.g."),
        ("", "e.g."),
    ]);
}

#[test]
fn an_image_and_its_user_are_of_a_tenancy() {
    let host = Host::at(0);
    let prepare = |user: &str, repository: &str| {
        let connector = connector(TOKEN, &[("username", user)]).with_secret("token", host.secret("t"));
        Oracle::prepare_image_push(registry("fra.ocir.io/acme", &[]), Some(connector), image("fra.ocir.io", repository))
    };
    assert!(prepare("acme/ann", "acme/team/train").unwrap().notes.is_empty());
    assert!(prepare("acme/oracleidentitycloudservice/ann@acme.example", "acme/train").unwrap().notes.is_empty());
    assert!(prepare("other/ann", "acme/train").unwrap().notes[0].contains("`other`"));
    for (user, repository) in [("ann", "acme/train"), ("acme/", "acme/train"), ("acme/ann", "train")] {
        assert_eq!(prepare(user, repository).unwrap_err().kind, FailureKind::InvalidInput, "{user} {repository}");
    }
}

#[test]
fn the_auth_token_is_the_registry_s_password() {
    let host = Host::at(0);
    let given = |user: &str| {
        let connector = connector(TOKEN, &[("username", user)]).with_secret("token", host.secret("t0ken"));
        Oracle::credentials(registry("fra.ocir.io/acme", &[]), Some(connector), Purpose::Push, None)
    };
    let Ok(Credential::Basic(basic)) = given("acme/ann") else { panic!() };
    let Password::Secret(secret) = &basic.password else { panic!() };
    assert_eq!((basic.username.as_str(), host.revealed(secret).as_str()), ("acme/ann", "t0ken"));
    assert_eq!(given("ann").unwrap_err().kind, FailureKind::InvalidInput);
}

#[test]
fn every_example_of_another_flavor_is_refused_with_that_flavor() {
    assert_refuses_other_flavors::<Oracle>();
}
