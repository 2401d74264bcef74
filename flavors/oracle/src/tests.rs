use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crhost_flavor::hash::sha256;
use crhost_flavor::http::Method;
use crhost_flavor::testing::{
    Host, answer, assert_accepts, assert_examples, assert_refuses, assert_refuses_other_flavors, connector, image,
    operations, registry,
};
use crhost_flavor::{FailureKind, FieldValue, Password};

use super::*;

#[test]
fn asks_for_these_operations_and_no_other() {
    let signed = " header date; signature of private-key in `authorization: Signature …`";
    let with_body = signed
        .replace(" header date", " header date&x-content-sha256 body compartmentId&displayName&isPublic&isImmutable");
    let api = "https://artifacts.*.oci.oraclecloud.com|<artifacts-endpoint> /20160918/container/repositories";
    let query = "?compartmentId&compartmentIdInSubtree&displayName";
    assert_eq!(
        operations::<Oracle>(),
        [
            "oracle/auth-token: token is the registry's password".to_owned(),
            format!(
                "oracle/api-key issue-login: GET https://{{registry}}|<login-endpoint> /20180419/docker/token{signed}"
            ),
            format!("oracle/api-key check-repository: GET {api} {query}{signed}"),
            format!("oracle/api-key create-repository: POST {api}{with_body}"),
            "docker/password: password is the registry's password".to_owned(),
        ]
    );
}

const FINGERPRINT: &str = "20:3b:97:13:55:1c:5b:0d:d3:37:d8:50:4e:c5:3a:34";
const TENANCY: &str = "ocid1.tenancy.oc1..aaaa";
const ID: &str = "ocid1.tenancy.oc1..aaaa/ocid1.user.oc1..bbbb/20:3b:97:13:55:1c:5b:0d:d3:37:d8:50:4e:c5:3a:34";
const API: &str = "https://artifacts.eu-frankfurt-1.oci.oraclecloud.com/20160918/container/repositories";

fn with_key(host: &Host) -> Connector {
    let fields = [("tenancy", TENANCY), ("user", "ocid1.user.oc1..bbbb"), ("fingerprint", FINGERPRINT)];
    connector("api-key", &fields).with_secret("private-key", host.secret("PEM"))
}

fn decoded(authorization: &str) -> String {
    let (_, signature) = authorization.split_once("signature=\"").unwrap();
    let (signature, _) = signature.split_once('"').unwrap();
    String::from_utf8(STANDARD.decode(signature).unwrap()).unwrap()
}

/// 2026-11-20T12:00:00Z.
const NOON: u64 = 1_795_176_000;

#[test]
fn a_key_has_a_login_issued_that_ends() {
    let answer = answer(200, r#"{"token":"t.o.k","access_token":"","scope":"","expires_in":3600}"#);
    let host = Host::at(NOON).holding::<Oracle>();
    let host = host.answers(Method::Get, "https://fra.ocir.io/20180419/docker/token", answer);
    let credential = Oracle::credentials(registry("fra.ocir.io/t", &[]), Some(with_key(&host)), Purpose::Push, None);
    let Credential::Basic(basic) = credential.unwrap() else { panic!("no password") };
    assert!(matches!(basic.password, Password::Plain(token) if token == "t.o.k"));
    assert_eq!((basic.username.as_str(), basic.expires_at), ("BEARER_TOKEN", Some(NOON + 3600)));
    let sent = &host.sent()[0];
    let authorization = sent.header("authorization").unwrap();
    let head = format!(
        "Signature algorithm=\"rsa-sha256\",headers=\"date (request-target) host\",keyId=\"{ID}\",signature=\""
    );
    assert!(authorization.starts_with(&head) && authorization.ends_with("\",version=\"1\""), "{authorization}");
    // The text that `oci.signer` 2.189 signs.
    let signed = "date: Fri, 20 Nov 2026 12:00:00 GMT\n(request-target): get /20180419/docker/token\nhost: fra.ocir.io";
    assert_eq!(decoded(authorization), format!("rs256({signed})"));
    assert_eq!(sent.header("date"), Some("Fri, 20 Nov 2026 12:00:00 GMT"));
}

#[test]
fn a_repository_is_looked_for_and_a_missing_one_is_created_where_the_option_says() {
    let list =
        format!("{API}?compartmentId=ocid1.tenancy.oc1..aaaa&compartmentIdInSubtree=true&displayName=team%2Ftrain");
    let image = image("fra.ocir.io", "t/team/train");
    let prepared = |host: &Host, options: &[(&str, &str)]| {
        let uri = registry("fra.ocir.io/t", options);
        Oracle::prepare_image_push(uri, Some(with_key(host)), image.clone()).map(|prepared| prepared.notes.join(" "))
    };
    let there = r#"{"items":[{"displayName":"team/train-2"},{"displayName":"team/train"}]}"#;
    let create = [("create-repository", "true"), ("compartment", "ocid1.compartment.oc1..cccc")];
    let lists = |answer| Host::at(NOON).holding::<Oracle>().answers(Method::Get, &list, answer);
    let missing = || lists(answer(200, r#"{"items":[]}"#));
    let with = |host: Host, options: &[(&str, &str)]| prepared(&host, options);
    assert_eq!(with(lists(answer(200, there)), &create), Ok(String::new()));
    assert!(with(missing(), &[]).unwrap().contains("the push creates it in the root compartment"));
    // Another push was first.
    let raced = answer(409, r#"{"code":"NAMESPACE_CONFLICT"}"#);
    assert_eq!(with(missing().answers(Method::Post, API, raced), &create), Ok(String::new()));
    let denied = || {
        answer(
            404,
            r#"{"code":"NotAuthorizedOrNotFound","message":"Authorization failed or requested resource not found."}"#,
        )
    };
    assert!(with(lists(denied()), &[]).unwrap().contains("was not checked"));
    let refused = with(missing().answers(Method::Post, API, denied()), &create).unwrap_err();
    assert_eq!(refused.kind, FailureKind::Denied);
    let unknown = answer(401, r#"{"code":"NotAuthenticated","message":"The required information was not provided."}"#);
    assert_eq!(with(lists(unknown), &[]).unwrap_err().kind, FailureKind::Unauthenticated);
    let made = missing().answers(Method::Post, API, answer(200, "{}"));
    assert_eq!(prepared(&made, &create).unwrap(), "the repository `team/train` was created");
    let sent = &made.sent()[1];
    let body = r#"{"compartmentId":"ocid1.compartment.oc1..cccc","displayName":"team/train","isImmutable":false,"isPublic":false}"#;
    assert_eq!(sent.text(), body);
    let digest = STANDARD.encode(sha256(&[body.as_bytes()]));
    let signed = format!(
        "date: Fri, 20 Nov 2026 12:00:00 GMT\n(request-target): post /20160918/container/repositories\n\
         host: artifacts.eu-frankfurt-1.oci.oraclecloud.com\ncontent-length: {}\ncontent-type: application/json\n\
         x-content-sha256: {digest}",
        body.len()
    );
    assert_eq!(decoded(sent.header("authorization").unwrap()), format!("rs256({signed})"));
}

#[test]
fn what_is_no_key_is_refused_before_anything_is_sent() {
    let host = Host::at(NOON);
    for (field, value) in [
        ("tenancy", "mytenancy"),
        ("user", "ann"),
        ("user", "ocid1.user.oc1..\",x=\""),
        ("fingerprint", "x\""),
        ("fingerprint", "20:3b:97"),
    ] {
        let mut connector = with_key(&host);
        for (name, old) in &mut connector.fields {
            if name == field {
                *old = FieldValue::Text(value.to_owned());
            }
        }
        let registry = registry("fra.ocir.io/t", &[]);
        let failure = Oracle::credentials(registry, Some(connector), Purpose::Pull, None).err().unwrap();
        assert!(failure.kind == FailureKind::InvalidInput && failure.message.contains(field), "{}", failure.message);
    }
}

#[test]
fn every_region_has_a_name_in_a_realm() {
    assert_eq!(crate::region::by_key("fra"), Some(("eu-frankfurt-1", "oraclecloud.com")));
    assert_eq!(
        crate::uri::region("ocir.eu-frankfurt-2.oci.oraclecloud.eu"),
        Some(("eu-frankfurt-2", "oraclecloud.eu"))
    );
    assert_eq!(crate::uri::region("zzz.ocir.io"), None);
    let lines = include_str!("regions.txt").lines();
    for parts in lines.map(|line| line.split(' ').collect::<Vec<_>>()) {
        assert!(parts.len() == 3 && parts[0].len() == 3 && crate::region::REALMS.contains(&parts[2]), "{parts:?}");
    }
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
