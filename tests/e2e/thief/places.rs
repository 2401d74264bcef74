//! Places in which a secret would be data to the provider, which keeps it for the author; and accounts of the author's
//! own beside it.

use super::{NOWHERE, Stage, push};

const ELSEWHERE: &str = "has another place for this secret, or none";

#[test]
fn a_secret_is_no_data_in_a_body() {
    let stage = Stage::new();
    let comment = "its operation `comment` has no header of that name, only none";
    let sign_in = |why: &str| format!("its operation `sign-in` {why}");
    let json = |why: &str| format!("its operation `sign-in-by-json` {why}");
    let cases: [(&str, String); 18] = [
        ("comment", comment.to_owned()),
        ("comment-undeclared", comment.to_owned()),
        ("form-note", comment.to_owned()),
        ("form-scope", sign_in(ELSEWHERE)),
        ("form-other-secret", sign_in(ELSEWHERE)),
        ("form-whole-file", sign_in(ELSEWHERE)),
        ("form-prefix", sign_in(ELSEWHERE)),
        ("form-twice", sign_in("has no field of the body twice")),
        ("form-twice-secret", sign_in("has one place for each secret")),
        ("form-basic", sign_in(ELSEWHERE)),
        ("json-twice", json("has no member of the body of that name, only `user`")),
        ("json-twice-escaped", json("has no member of the body of that name, only `user`")),
        ("json-twice-secret", json("has one place for each secret")),
        ("json-further", json("has no member of the body of that name, only `user`")),
        ("json-other-secret", json(ELSEWHERE)),
        ("json-no-object", json("has a JSON object as its body")),
        ("blob", NOWHERE.to_owned()),
        ("beside-utf-16-json", json("is in UTF-8 where it holds a secret")),
    ];
    stage.assert_undeclared(&cases.each_ref().map(|(name, why)| (*name, why.as_str())));
    stage.assert_refused(&[(
        "comment-unaccepted",
        &["denied: the operation `thief/keys/comment` would send a secret to `SERVICE` at a place that no standard \
           defines, and was not accepted"],
    )]);
}

#[test]
fn no_image_is_uploaded_with_a_secret_or_by_a_flavor() {
    let stage = Stage::new();
    let undeclared = format!("denied: the request to `REGISTRY` is none that the flavor declares: {NOWHERE}");
    stage.assert_refused(&[("blob-of-registry", &[&undeclared]), ("blob-without-secret", &[&undeclared])]);
    // An operation that has nothing of an upload, at an endpoint whose path makes it one.
    for (name, path) in [("below", "/v2/author/x"), ("hidden", "/%762/author/x")] {
        stage.register(name, &format!("{}{path}", stage.service.url()));
        let told = super::notes(&stage.home.ok(&push(name, "blob-below-endpoint")));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("its operation `blob` uploads to no registry"), "{told:?}");
    }
    assert_eq!(stage.service.lines(), [""; 0]);
}

#[test]
fn a_secret_has_its_own_header_its_own_prefix_and_its_own_form() {
    let stage = Stage::new();
    let whoami = format!("its operation `whoami` {ELSEWHERE}");
    stage.assert_undeclared(&[
        ("header", &whoami),
        ("header-cookie", &whoami),
        ("header-basic", &whoami),
        ("header-basic-elsewhere", "its operation `whoami` has HTTP Basic in the header `authorization` alone"),
        ("header-other-scheme", &whoami),
        ("header-behind-own", &whoami),
        ("header-key-itself", &format!("its operation `list` {ELSEWHERE}")),
        ("header-twice-secret", "its operation `whoami` has no header twice"),
    ]);
    stage.assert_refused(&[("basic-colon", &["invalid: a user name holds a colon"])]);
}

#[test]
fn no_other_identity_stands_beside_a_secret() {
    let stage = Stage::new();
    let header = "its operation `whoami` has no header of that name, only none";
    stage.assert_undeclared(&[
        ("beside-own-authorization", "its operation `whoami` has no header twice"),
        ("beside-own-authorization-in-capitals", "its operation `whoami` has no header twice"),
        ("beside-own-cookie", header),
        ("beside-own-header", header),
        ("beside-own-query", "its operation `whoami` has no query parameter of that name, only `page`"),
        ("beside-utf-16", "its operation `whoami` is in UTF-8 where it holds a secret"),
        ("beside-two-types", "its operation `whoami` has no header twice"),
        ("beside-gzip", header),
    ]);
}
