use super::*;

const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

#[test]
fn references_are_normalised_as_docker_does() {
    for (text, normal) in [
        ("train", "docker.io/library/train"),
        ("train:v3", "docker.io/library/train:v3"),
        ("acme/train:v3", "docker.io/acme/train:v3"),
        ("docker.io/train", "docker.io/library/train"),
        ("index.docker.io/acme/train", "docker.io/acme/train"),
        ("localhost/train", "localhost/train"),
        ("localhost:5000/a/b_c/d__e/f--g.h:1.0-RC_1", "localhost:5000/a/b_c/d__e/f--g.h:1.0-RC_1"),
        ("GHCR.io/me/x", "ghcr.io/me/x"),
        ("FOO/bar", "foo/bar"),
        ("[::1]:5000/x:t", "[::1]:5000/x:t"),
        ("192.168.1.100:9000/x/y", "192.168.1.100:9000/x/y"),
    ] {
        assert_eq!(text.parse::<Reference>().unwrap().to_string(), normal, "{text}");
    }
}

#[test]
fn a_reference_keeps_its_tag_and_its_digest() {
    let reference: Reference = format!("ghcr.io/acme/train:v3@sha256:{HEX}").parse().unwrap();
    assert_eq!(reference.tag().unwrap().as_str(), "v3");
    assert_eq!(reference.digest().unwrap().hex(), HEX);
    assert_eq!(reference.name(), "ghcr.io/acme/train");
}

#[test]
fn a_digest_alone_is_an_image_s_id_and_no_repository_called_sha256() {
    for id in [HEX.to_owned(), format!("sha256:{HEX}")] {
        assert!(matches!(id.parse::<Reference>(), Err(ReferenceError::Id(_))), "{id}");
    }
    // A tag that is no digest leaves a repository of this name possible.
    assert_eq!("sha256:v1".parse::<Reference>().unwrap().to_string(), "docker.io/library/sha256:v1");
}

#[test]
fn a_name_in_upper_case_is_shown_in_lower_case() {
    for (text, lower) in [
        ("TRAIN:v3", "train:v3"),
        ("TRAIN:RC1", "train:RC1"),
        ("LocalHost:5000/Acme/Train:v3", "localhost:5000/acme/train:v3"),
    ] {
        let error = text.parse::<Reference>().unwrap_err().to_string();
        assert!(error.contains(&format!("`{text}`")) && error.contains(&format!("did you mean `{lower}`?")), "{error}");
    }
}

#[test]
fn a_text_that_is_not_a_reference_is_refused() {
    for bad in [
        "",
        " ",
        "train:",
        "train:-x",
        "Train",
        "a//b",
        "/a",
        "a/",
        "a/b:t:u",
        "busybox:日本",
        "a/_b",
        "a/b_",
        "a/b___c",
        "a/b..c",
        "a/b@sha256:12",
        "a/b@md5:12",
        "ghcr.io/Acme/x",
        "https://gcr.io/p",
        HEX,
        &"a/".repeat(200),
    ] {
        assert!(bad.parse::<Reference>().is_err(), "{bad}");
    }
}

#[test]
fn a_familiar_name_has_nothing_that_the_default_registry_implies() {
    for (text, familiar, repository) in [
        ("docker.io/library/train:v3", "train", "train"),
        ("train", "train", "train"),
        ("acme/train", "acme/train", "acme/train"),
        ("docker.io/library/a/b", "library/a/b", "library/a/b"),
        ("ghcr.io/library/train:v3", "ghcr.io/library/train", "library/train"),
    ] {
        let reference: Reference = text.parse().unwrap();
        assert_eq!((reference.familiar().as_str(), reference.familiar_repository().as_str()), (familiar, repository));
    }
}
