//! "Content Discovery": lists of tags, and of the manifests that belong to another.

use serde_json::{Value, json};

use crate::support::images::digest;
use crate::support::images::image_files::{INDEX, MANIFEST};
use crate::support::programs::serve::{Answer, CONFIG, Serve};

fn tags(answer: &Answer) -> Vec<String> {
    serde_json::from_value(answer.json()["tags"].clone()).unwrap()
}

#[test]
fn tags_are_listed_in_order_and_in_parts() {
    let registry = Serve::start();
    let image = registry.image("team/train", "a");
    for tag in ["test3", "test1", "Z", "test0", "test2", "_a"] {
        registry.tag("team/train", tag, &image);
    }
    let sorted = ["Z", "_a", "test0", "test1", "test2", "test3"];
    let list = |query: &str| registry.ask("GET", &format!("/v2/team/train/tags/list{query}")).expect(200);
    let all = list("");
    assert_eq!((tags(&all), all.json()["name"].as_str()), (sorted.map(String::from).to_vec(), Some("team/train")));
    assert_eq!(all.find("link"), None);
    for (query, expected, is_linked) in [
        ("?n=4", &sorted[..4], true),
        ("?n=6", &sorted[..], false),
        ("?n=100", &sorted[..], false),
        ("?n=0", &[], false),
        ("?n=2&last=_a", &sorted[2..4], true),
        ("?n=2&last=test1", &sorted[4..], false),
        ("?last=test1", &sorted[4..], false),
        // A tag that is not there is a place as well.
        ("?last=test11", &sorted[4..], false),
        ("?last=zzz", &[], false),
        ("?n=many", &sorted[..], false),
    ] {
        let answer = list(query);
        assert_eq!(tags(&answer), expected, "{query}");
        assert_eq!(answer.find("link").is_some(), is_linked, "{query}");
    }
    // By links alone.
    let (mut found, mut target) = (Vec::new(), "/v2/team/train/tags/list?n=4".to_owned());
    loop {
        let answer = registry.ask("GET", &target).expect(200);
        found.extend(tags(&answer));
        let Some(link) = answer.find("link") else { break };
        target = link.strip_prefix('<').unwrap().strip_suffix(r#">; rel="next""#).unwrap().to_owned();
    }
    assert_eq!(found, sorted);
}

#[test]
fn a_repository_without_tags_has_an_empty_list_and_none_is_unknown() {
    let registry = Serve::start();
    let image = registry.image("team/train", "a").to_string();
    registry.push_manifest("team/train", &digest::of(image.as_bytes()), MANIFEST, image.as_bytes()).expect(201);
    assert_eq!(registry.ask("GET", "/v2/team/train/tags/list").expect(200).json()["tags"], json!([]));
    registry.ask("GET", "/v2/team/other/tags/list").refused(404, "NAME_UNKNOWN");
    registry.ask("POST", "/v2/team/train/tags/list").refused(405, "UNSUPPORTED");
}

#[test]
fn repositories_are_listed_in_parts() {
    let registry = Serve::start();
    for repository in ["b", "a/b", "c"] {
        registry.tag(repository, "v1", &registry.image(repository, "a"));
    }
    let first = registry.ask("GET", "/v2/_catalog?n=2").expect(200);
    assert_eq!(first.json()["repositories"], json!(["a/b", "b"]));
    assert_eq!(first.header("link"), r#"</v2/_catalog?n=2&last=b>; rel="next""#);
    let rest = registry.ask("GET", "/v2/_catalog?n=2&last=b").expect(200);
    assert_eq!((rest.json()["repositories"].clone(), rest.find("link")), (json!(["c"]), None));
}

/// Pushes a manifest that belongs to another, and gives its entry in the list.
fn refer(registry: &Serve, subject: &str, artifact: Option<&str>, kind: &str, note: &str) -> Value {
    let mut manifest = match kind {
        MANIFEST => registry.image("team/train", note),
        _ => json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": []}),
    };
    manifest["subject"] = json!({"mediaType": MANIFEST, "digest": subject, "size": 5});
    manifest["annotations"] = json!({"org.example.note": note});
    if let Some(artifact) = artifact {
        manifest["artifactType"] = json!(artifact);
    }
    let body = manifest.to_string();
    let digest = digest::of(body.as_bytes());
    // More than once: it is listed once.
    for reference in [digest.as_str(), "tagged", digest.as_str()] {
        registry.push_manifest("team/train", reference, kind, body.as_bytes()).expect(201);
    }
    let mut entry = json!({"mediaType": kind, "digest": digest, "size": body.len(),
        "annotations": {"org.example.note": note}});
    // The configuration's type stands in for that of an image.
    let artifact = artifact.filter(|kind| !kind.is_empty()).or(Some(CONFIG).filter(|_| kind == MANIFEST));
    if let Some(artifact) = artifact {
        entry["artifactType"] = json!(artifact);
    }
    entry
}

#[test]
fn the_manifests_that_belong_to_one_are_listed_once_and_filtered() {
    let registry = Serve::start();
    let (sbom, signature) = ("application/vnd.example.sbom.v1", "application/vnd.example.signature.v1");
    // The subject comes later than what belongs to it, or never.
    let image = registry.image("team/train", "a");
    let subject = digest::of(image.to_string().as_bytes());
    let target = format!("/v2/team/train/referrers/{subject}");
    assert_eq!(registry.ask("GET", &target).expect(200).json()["manifests"], json!([]));
    let mut expected = vec![
        refer(&registry, &subject, Some(sbom), MANIFEST, "one"),
        refer(&registry, &subject, Some(signature), MANIFEST, "two"),
        refer(&registry, &subject, None, MANIFEST, "three"),
        refer(&registry, &subject, Some(""), MANIFEST, "four"),
        refer(&registry, &subject, Some(sbom), INDEX, "five"),
        refer(&registry, &subject, None, INDEX, "six"),
    ];
    refer(&registry, &digest::of(b"another"), Some(sbom), MANIFEST, "seven");
    registry.tag("team/train", "v1", &image);

    let answer = registry.ask("GET", &target).expect(200);
    assert_eq!(answer.header("content-type"), INDEX);
    assert_eq!(answer.find("oci-filters-applied"), None);
    let listed = answer.json();
    assert_eq!((listed["schemaVersion"].as_u64(), listed["mediaType"].as_str()), (Some(2), Some(INDEX)));
    let by_digest = |entry: &Value| entry["digest"].as_str().unwrap().to_owned();
    expected.sort_by_key(by_digest);
    assert_eq!(listed["manifests"].as_array().unwrap(), &expected);

    for (filter, count) in [(sbom, 2), (signature, 1), (CONFIG, 2), ("application/vnd.example.other", 0)] {
        let answer = registry.ask("GET", &format!("{target}?artifactType={}", filter.replace('+', "%2B"))).expect(200);
        assert_eq!(answer.header("oci-filters-applied"), "artifactType");
        let listed = answer.json();
        let listed = listed["manifests"].as_array().unwrap();
        assert_eq!(listed.len(), count, "{filter}");
        assert!(listed.iter().all(|entry| entry["artifactType"] == filter), "{listed:?}");
    }

    // What is deleted belongs to nothing any more.
    registry.ask("DELETE", &format!("/v2/team/train/manifests/{}", by_digest(&expected[0]))).expect(202);
    assert_eq!(registry.ask("GET", &target).expect(200).json()["manifests"].as_array().unwrap(), &expected[1..]);
}

#[test]
fn a_list_of_referrers_is_never_404_and_a_malformed_digest_is_400() {
    let registry = Serve::start();
    let (sha256, sha512) = (digest::of(b"x"), format!("sha512:{}", "0".repeat(128)));
    for subject in [&sha256, &sha512] {
        let answer = registry.ask("GET", &format!("/v2/team/nowhere/referrers/{subject}")).expect(200);
        assert_eq!(answer.json()["manifests"], json!([]));
    }
    let upper = sha256.to_uppercase().replace("SHA", "sha");
    for bad in ["sha256:short", "v1", &upper] {
        registry.ask("GET", &format!("/v2/team/nowhere/referrers/{bad}")).refused(400, "DIGEST_INVALID");
    }
}
