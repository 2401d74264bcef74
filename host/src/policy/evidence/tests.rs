//! Evidence of the documents that tools write.

use super::*;

const CONFIG: &[u8] =
    br#"{"architecture":"amd64","os":"linux","config":{"User":"1000","Env":["PATH=/bin","TOKEN=s3cr3t"],
    "Labels":{"org.opencontainers.image.base.name":"docker.io/library/python:3.12","team":"ml"}},
    "rootfs":{"type":"layers","diff_ids":["sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]},
    "history":[{"created":"2026-01-01T00:00:00Z","created_by":"ADD file"},{"created_by":"CMD","empty_layer":true}]}"#;

fn manifest(annotations: &str) -> Vec<u8> {
    let digest = Digest::of(CONFIG);
    let layer = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{manifest}","config":{{"mediaType":"{config}","digest":"{digest}","size":{}}},
        "layers":[{{"mediaType":"{gzip}","digest":"{layer}","size":7}}],"annotations":{annotations}}}"#,
        CONFIG.len(),
        manifest = media_type::OCI_MANIFEST,
        config = media_type::OCI_CONFIG,
        gzip = media_type::OCI_LAYER_GZIP,
    )
    .into_bytes()
}

#[test]
fn a_manifest_with_its_configuration_gives_all_facts_and_no_value_of_a_variable_but_in_the_configuration() {
    let bytes = manifest(r#"{"a":"b"}"#);
    let evidence = Evidence::of_manifest(media_type::OCI_MANIFEST, &bytes, Some(CONFIG));
    let [image] = evidence.images.as_slice() else { panic!("{evidence:?}") };
    assert_eq!(image.digest, Some(Digest::of(&bytes)));
    assert_eq!(image.platform.as_deref(), Some("linux/amd64"));
    assert_eq!(
        (image.user.as_deref(), image.environment.as_slice()),
        (Some("1000"), &["PATH".to_owned(), "TOKEN".to_owned()][..])
    );
    assert_eq!(image.base.as_ref().unwrap().name.as_deref(), Some("docker.io/library/python:3.12"));
    assert_eq!((image.labels["team"].as_str(), image.annotations["a"].as_str()), ("ml", "b"));
    let [layer] = image.layers.as_slice() else { panic!("{image:?}") };
    assert_eq!((layer.size, layer.diff_id.is_some(), layer.digest.is_some()), (Some(7), true, true));
    assert_eq!(image.history.iter().map(|entry| entry.empty_layer).collect::<Vec<_>>(), [false, true]);
    assert_eq!(image.configuration.as_deref().unwrap().as_bytes(), CONFIG);
    assert!(evidence.bytes() > bytes.len() + CONFIG.len());
}

#[test]
fn annotations_of_the_manifest_say_more_about_the_base_than_labels() {
    let bytes = manifest(r#"{"org.opencontainers.image.base.name":"gcr.io/distroless/static"}"#);
    let evidence = Evidence::of_manifest(media_type::OCI_MANIFEST, &bytes, Some(CONFIG));
    assert_eq!(evidence.images[0].base.as_ref().unwrap().name.as_deref(), Some("gcr.io/distroless/static"));
}

#[test]
fn each_image_of_an_index_has_the_platform_that_the_index_says() {
    let (one, two) = (manifest("{}"), manifest(r#"{"n":"2"}"#));
    let entry = |bytes: &[u8], architecture: &str| {
        format!(
            r#"{{"mediaType":"{}","digest":"{}","size":{},"platform":{{"os":"linux","architecture":"{architecture}"}}}}"#,
            media_type::OCI_MANIFEST,
            Digest::of(bytes),
            bytes.len()
        )
    };
    let index = format!(
        r#"{{"schemaVersion":2,"manifests":[{},{}],"annotations":{{"x":"y"}}}}"#,
        entry(&one, "arm64"),
        entry(&two, "riscv64")
    );
    let evidence = Evidence::of_manifest(media_type::OCI_INDEX, index.as_bytes(), None)
        .with_child(media_type::OCI_MANIFEST, &one, Some(CONFIG))
        .with_child(media_type::OCI_MANIFEST, &two, None);
    let platforms: Vec<_> = evidence.images.iter().map(|image| image.platform.as_deref().unwrap()).collect();
    assert_eq!(platforms, ["linux/arm64", "linux/riscv64"]);
    assert_eq!((evidence.annotations["x"].as_str(), evidence.index.as_deref()), ("y", Some(index.as_str())));
}

#[test]
fn documents_that_mean_nothing_give_no_facts_and_their_text() {
    for config in [&b"not json"[..], b"[]", b"{\"config\":7,\"history\":\"x\",\"rootfs\":{\"diff_ids\":[\"y\"]}}"] {
        let evidence = Evidence::of_manifest(media_type::OCI_MANIFEST, b"{}", Some(config));
        let image = &evidence.images[0];
        assert_eq!(image.manifest.as_deref(), Some("{}"));
        assert_eq!(image.configuration.as_deref().unwrap().as_bytes(), config);
        assert!(image.labels.is_empty() && image.history.is_empty() && image.layers.is_empty());
    }
}

#[test]
fn layers_that_are_compressed_on_the_way_have_a_diff_id_and_no_digest() {
    let diff_id = Digest::of(b"archive");
    let layers = vec![Layer::Tar { diff_id: diff_id.clone(), size: Some(9) }];
    let config = ImageConfig::Known(CONFIG.to_vec().into());
    let evidence = Evidence::of_image(&Image::Layers { config, layers });
    let layer = &evidence.images[0].layers[0];
    assert_eq!((layer.size, layer.digest.as_ref(), layer.media_type.as_ref()), (Some(9), None, None));
    assert_eq!(layer.diff_id, Some(diff_id));
    assert_eq!(evidence.images[0].manifest, None);
}
