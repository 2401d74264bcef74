//! Layouts as other programs write them.

use super::*;

#[tokio::test]
async fn a_layout_with_one_image_among_others_has_one_image() {
    let place = Place::new();
    let (image, other) = (place.image("amd64"), place.image("arm64"));
    let kind = |kind: &str| json!({"annotations": {"kind": format!("dev.cosignproject.cosign/{kind}")}});
    let named = |name: &str| json!({"annotations": {"org.opencontainers.image.ref.name": name}});
    let cases = [
        (vec![with(&image, &kind("image")), with(&other, &kind("sigs"))], ""),
        (vec![with(&image, &named("1")), with(&image, &named("2"))], ""),
        (vec![image.clone(), image.clone()], ""),
        (vec![with(&image, &named("x")), with(&image, &named("x"))], ":x"),
        (vec![with(&image, &named("v1")), other.clone()], ""),
        (vec![with(&other, &json!({"platform": {"os": "unknown", "architecture": "unknown"}})), image.clone()], ""),
    ];
    for (entries, reference) in cases {
        place.index(&entries);
        assert_eq!(place.pick(reference, None).await.unwrap(), digest_of(&image), "{entries:?}");
    }
    place.index(&[with(&image, &named("v1")), with(&other, &named("v2"))]);
    let digest = digest_of(&other);
    for reference in [format!("@{digest}"), format!(":{digest}"), ":v2".to_owned(), ":@1".to_owned()] {
        assert_eq!(place.pick(&reference, None).await.unwrap(), digest, "{reference}");
    }
    let error = place.pick("", None).await.unwrap_err();
    assert!(error.to_string().ends_with("has 2 images, and none was chosen"), "{error}");
}

#[tokio::test]
async fn an_index_without_platforms_is_chosen_by_its_configurations() {
    let place = Place::new();
    let (arm, amd) = (place.image("arm64"), place.image("amd64"));
    place.below(&[arm.clone(), amd.clone()]);
    assert_eq!(place.pick("", Some("linux/amd64")).await.unwrap(), digest_of(&amd));
    assert_eq!(place.pick("", Some("linux/aarch64")).await.unwrap(), digest_of(&arm));
    let error = place.pick("", Some("linux/s390x")).await.unwrap_err();
    assert!(error.to_string().ends_with("is not for the platform linux/s390x, which `--platform` names"), "{error}");
    place.index(&[arm.clone(), amd.clone()]);
    assert_eq!(place.pick("", Some("linux/amd64")).await.unwrap(), digest_of(&amd));
    place.below(&[with(&amd, &json!({"platform": {"architecture": "amd64"}}))]);
    assert_eq!(place.pick("", None).await.unwrap(), digest_of(&amd));
}

#[tokio::test]
async fn the_only_image_of_an_index_is_taken_whatever_its_platform() {
    let place = Place::new();
    let image = with(&place.image("s390x"), &json!({"platform": {"os": "linux", "architecture": "s390x"}}));
    let attestation = with(&place.image("amd64"), &json!({"platform": {"os": "unknown", "architecture": "unknown"}}));
    place.below(&[image.clone(), attestation]);
    assert_eq!(place.pick("", None).await.unwrap(), digest_of(&image));
    assert!(place.pick("", Some("linux/amd64")).await.is_err());
}

#[tokio::test]
async fn artifacts_are_sent_as_they_are() {
    let place = Place::new();
    let layers = json!([place.blob(b"twelve bytes", "application/vnd.example+type")]);
    for (kind, config) in [
        ("application/vnd.cncf.helm.config.v1+json", r#"{"name":"c","version":"1"}"#),
        ("application/vnd.wasm.config.v0+json", r#"{"architecture":"wasm","os":"wasip2","layerDigests":[]}"#),
        ("application/vnd.oci.empty.v1+json", "{}"),
        ("text/plain", "no JSON"),
    ] {
        let entry = place.manifest(&place.blob(config.as_bytes(), kind), &layers);
        place.index(std::slice::from_ref(&entry));
        for all_platforms in [false, true] {
            let options = Options { all_platforms, ..Options::default() };
            let source = place.open("oci", "layout", options).await.unwrap();
            assert_eq!(digest(&source), digest_of(&entry), "{kind}");
        }
    }
    // The configuration need not be there, if its descriptor holds it.
    fs::remove_file(place.path("layout/blobs/sha256").join(hex(b"{}"))).unwrap();
    let empty = json!({
        "mediaType": "application/vnd.oci.empty.v1+json", "digest": Digest::of(b"{}"), "size": 2, "data": "e30=",
    });
    let entry = place.manifest(&empty, &layers);
    place.index(std::slice::from_ref(&entry));
    assert_eq!(place.pick("", None).await.unwrap(), digest_of(&entry));
}

#[tokio::test]
async fn a_layout_without_layers_keeps_its_own_bytes() {
    let place = Place::new();
    let config = place.blob(&config("amd64"), media_type::OCI_CONFIG);
    for layers in [json!({}), json!({"layers": null}), json!({"layers": [], "annotations": null})] {
        let manifest =
            with(&json!({"schemaVersion": 2, "config": with(&config, &json!({"annotations": null}))}), &layers);
        let entry = place.blob(manifest.to_string().as_bytes(), media_type::OCI_MANIFEST);
        place.index(std::slice::from_ref(&entry));
        assert_eq!(place.pick("", None).await.unwrap(), digest_of(&entry), "{manifest}");
    }
}

#[tokio::test]
async fn a_build_cache_is_no_image_and_is_copied_as_a_whole() {
    let place = Place::new();
    let cache = [
        place.blob(&gzip(&layer()), media_type::OCI_LAYER_GZIP),
        place.blob(b"{\"layers\":[]}", "application/vnd.buildkit.cacheconfig.v0"),
    ];
    place.below(&cache);
    let error = place.pick("", None).await.unwrap_err();
    assert!(error.to_string().ends_with("holds a build cache, and no image"), "{error}");
    let source = place.open("oci", "layout", Options { all_platforms: true, ..Options::default() }).await.unwrap();
    assert_eq!(source.image().layers().len(), 2);
}

#[tokio::test]
async fn the_manifest_in_an_archive_of_docker_is_kept_where_its_layers_are_compressed() {
    let (place, config) = (Place::new(), config("amd64"));
    let entry = place.image("amd64");
    place.index(std::slice::from_ref(&entry));
    let blob = |bytes: &[u8]| format!("blobs/sha256/{}", hex(bytes));
    let manifest = docker_manifest(&blob(&config), &json!([blob(&gzip(&layer()))]));
    fs::write(place.path("layout/manifest.json"), manifest).unwrap();
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_dir_all("", place.path("layout")).unwrap();
    let bytes = archive.into_inner().unwrap();
    fs::write(place.path("a.tar"), &bytes).unwrap();
    fs::write(place.path("a.tar.gz"), gzip(&bytes)).unwrap();
    for name in ["a.tar", "a.tar.gz"] {
        let source = place.open("docker-archive", name, Options::default()).await.unwrap();
        assert_eq!(digest(&source), digest_of(&entry), "{name}");
        assert_eq!((source.suggestion(), read(&source).await.len()), (Some("x/y:1"), 1), "{name}");
    }
}
