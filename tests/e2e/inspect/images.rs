//! `crhost inspect`, `digest`, `config` and `manifest`.

use serde_json::{Value, json};

use super::layout;
use crate::support::images::digest;
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files::{self, INDEX, MANIFEST};
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;
use crate::support::programs::serve::Serve;

/// The architecture that this machine does not have.
fn other() -> &'static str {
    if architecture() == "s390x" { "ppc64le" } else { "s390x" }
}

#[test]
fn manifests_and_configurations_are_printed_byte_for_byte() {
    let (registry, home, image) = (Registry::open(), Home::new(), Image::new(here!()));
    home.register("local", registry.host());
    let digest = layout(&home.path("layout"), &image);
    home.ok(&["push", "oci:layout:v1", "--to", "local", "--as", "train:v1"]);
    for subject in ["local/train:v1", "oci:layout:v1"] {
        assert_eq!(digest::of(&home.ok(&["manifest", subject]).bytes), digest, "{subject}");
        assert_eq!(home.ok(&["config", subject]).bytes, image.config, "{subject}");
        assert_eq!(home.ok(&["digest", subject]).stdout.trim(), digest, "{subject}");
    }
    let name = format!("{}/train@{digest}", registry.host());
    assert_eq!(home.ok(&["digest", "local/train:v1", "-o", "name"]).stdout.trim(), name);
    assert_eq!(home.ok(&["digest", &name]).stdout.trim(), digest);
    let config = home.ok(&["config", "local/train:v1", "--jq", ".document.config.Cmd[0]"]);
    assert_eq!(config.stdout.trim(), "/bin/train");
    // skopeo and Docker's own files agree.
    assert_eq!(skopeo::digest(registry.access(), &format!("{}/train:v1", registry.host())), digest);
    image_files::archive(&home.path("image.tar"), &[("train:v1", &image)]);
    assert_eq!(home.ok(&["config", "docker-archive:image.tar"]).bytes, image.config);
    home.fails(1, &["manifest", "docker-archive:image.tar"]).says("has no manifest");
}

#[test]
fn an_image_is_described_with_all_that_people_ask_for() {
    let (registry, home, image) = (Registry::open(), Home::new(), Image::new(here!()));
    home.register("local", registry.host());
    let digest = layout(&home.path("layout"), &image);
    home.ok(&["push", "oci:layout:v1", "--to", "local", "--as", "train:v1", "--tag", "stable"]);
    let told = home.ok(&["inspect", "local/train:v1", "-o", "json"]).json();
    assert_eq!(
        (&told["kind"], &told["digest"], &told["mediaType"]),
        (&json!("image"), &json!(digest), &json!(MANIFEST))
    );
    let content = &told["image"];
    assert_eq!(content["platform"], format!("linux/{}", architecture()));
    assert_eq!(content["config"], image.config_digest());
    assert_eq!(content["layers"].as_array().unwrap().len(), 4);
    assert_eq!(content["settings"]["run"]["cmd"], json!(["/bin/train"]));
    assert_eq!(content["settings"]["created"], "2020-01-01T00:00:00Z");
    assert_eq!(told["allTags"], Value::Null);
    let tags = home.ok(&["inspect", "local/train:v1", "--tags", "-o", "json"]).json();
    assert_eq!(tags["allTags"], json!(["stable", "v1"]));
    let shown = home.ok(&["inspect", "local/train:v1"]);
    for words in [digest.as_str(), "in 4 layers", "PATH=/bin", "[\"/bin/train\"]"] {
        assert!(shown.stdout.contains(words), "{words}{shown}");
    }
    // The size is that of the layers that skopeo sees.
    let theirs = skopeo::layers(registry.access(), &format!("{}/train:v1", registry.host()));
    let sizes = theirs.iter().map(|layer| layer["size"].as_u64().unwrap());
    assert_eq!(content["size"], json!(sizes.sum::<u64>()));
    home.fails(3, &["inspect", "local/train:v9"]).says("has no").says("crhost tags");
    home.fails(3, &["inspect", "local/train:v1", "--platform", &format!("linux/{}", other())]).says("not for");
}

#[test]
fn an_index_shows_its_platforms_and_the_image_for_this_machine() {
    let (serve, image, far) = (Serve::start(), Image::new(here!()), Image::small(here!(), other()));
    let home = &serve.home;
    home.register("dev", &serve.host);
    image_files::multi_platform_layout(&home.path("layout"), "v1", &[(architecture(), &image), (other(), &far)]);
    home.ok(&["push", "oci:layout:v1", "--to", "dev", "--as", "train:v1", "--all-platforms"]);
    for subject in ["dev/train:v1", "oci:layout:v1"] {
        let told = home.ok(&["inspect", subject, "-o", "json"]).json();
        assert_eq!((&told["kind"], &told["mediaType"]), (&json!("index"), &json!(INDEX)), "{subject}");
        let platforms: Vec<_> =
            told["manifests"].as_array().unwrap().iter().map(|one| one["platform"].clone()).collect();
        assert_eq!(platforms, [format!("linux/{}", architecture()), format!("linux/{}", other())]);
        assert_eq!(told["image"]["config"], image.config_digest());
        let platform = format!("linux/{}", other());
        let other = home.ok(&["inspect", subject, "--platform", &platform, "-o", "json"]).json();
        assert_eq!(other["image"]["config"], far.config_digest());
        assert_eq!(home.ok(&["config", subject, "--platform", &platform]).bytes, far.config);
        let digest = home.ok(&["digest", subject, "--platform", &platform]);
        assert_eq!(digest.stdout.trim(), other["image"]["digest"].as_str().unwrap());
        let named = home.ok(&["manifest", subject, "--platform", &platform, "-o", "json"]).json();
        assert_eq!(named["digest"], other["image"]["digest"]);
        if subject == "dev/train:v1" {
            let name = named["name"].as_str().unwrap();
            assert!(name.ends_with(digest.stdout.trim()), "the image's own name, and not the index's: {name}");
        }
        let missing = home.fails(3, &["inspect", subject, "--platform", "plan9/mips"]);
        missing.says("has no image for").says(&platform);
    }
}

#[test]
fn an_image_in_an_index_in_an_index_is_found_by_all_commands_alike() {
    let (serve, near, far) = (Serve::start(), Image::small(here!(), architecture()), Image::small(here!(), other()));
    let (home, place) = (&serve.home, serve.home.path("layout"));
    home.register("dev", &serve.host);
    let entry = |image: &Image, architecture: &str| {
        let mut entry = image_files::manifest(&place, image);
        entry["platform"] = json!({"os": "linux", "architecture": architecture});
        entry
    };
    let index = |entries: Vec<Value>| {
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries});
        image_files::blob(&place, INDEX, index.to_string().as_bytes())
    };
    let inner = index(vec![entry(&near, architecture())]);
    let mut outer = index(vec![inner, entry(&far, other())]);
    outer["annotations"] = json!({"org.opencontainers.image.ref.name": "v1"});
    image_files::finish_layout(&place, &[outer]);
    home.ok(&["push", "oci:layout:v1", "--to", "dev", "--as", "train:v1", "--all-platforms"]);
    for (wanted, image) in [(None, &near), (Some(architecture()), &near), (Some(other()), &far)] {
        let platform = wanted.map(|wanted| format!("--platform=linux/{wanted}"));
        let with = |words: &[&str]| home.ok(&[words, &platform.as_deref().into_iter().collect::<Vec<_>>()].concat());
        let pulled = with(&["pull", "dev/train:v1", "oci:pulled", "-o", "json"]).json();
        for subject in ["dev/train:v1", "oci:layout:v1"] {
            assert_eq!(with(&["config", subject]).bytes, image.config, "{subject} {wanted:?}");
            let told = with(&["inspect", subject, "-o", "json"]).json();
            assert_eq!(told["image"]["digest"], pulled["digest"], "{subject} {wanted:?}");
            if wanted.is_some() {
                assert_eq!(with(&["digest", subject]).stdout.trim(), pulled["digest"].as_str().unwrap());
            }
            with(&["ls-files", subject]);
        }
    }
    home.fails(3, &["inspect", "dev/train:v1", "--platform", "plan9/mips"]).says(&format!("linux/{}", architecture()));
}

#[test]
fn an_index_without_an_image_for_this_machine_is_shown_all_the_same() {
    let (serve, image) = (Serve::start(), Image::small(here!(), other()));
    let home = &serve.home;
    home.register("dev", &serve.host);
    let two = if other() == "riscv64" { "mips" } else { "riscv64" };
    let second = Image::small(here!(), two);
    image_files::multi_platform_layout(&home.path("layout"), "v1", &[(other(), &image), (two, &second)]);
    home.ok(&["push", "oci:layout:v1", "--to", "dev", "--as", "train:v1", "--all-platforms"]);
    let shown = home.ok(&["inspect", "dev/train:v1"]);
    assert!(shown.stdout.contains(&format!("linux/{two}")) && shown.stderr.contains("--platform"), "{shown}");
    home.fails(2, &["config", "dev/train:v1"]).says("--platform").says(two);
}

#[test]
fn attestations_are_marked_as_such() {
    let serve = Serve::start();
    let image = serve.image("train", "a");
    let body = image.to_string();
    let digest = digest::of(body.as_bytes());
    serve.push_manifest("train", &digest, MANIFEST, body.as_bytes()).expect(201);
    let attestation = serve.image("train", "b").to_string();
    let attested = digest::of(attestation.as_bytes());
    serve.push_manifest("train", &attested, MANIFEST, attestation.as_bytes()).expect(201);
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [
        {"mediaType": MANIFEST, "digest": digest, "size": body.len(), "platform": {"os": "linux", "architecture": architecture()}},
        {"mediaType": MANIFEST, "digest": attested, "size": attestation.len(),
         "platform": {"os": "unknown", "architecture": "unknown"},
         "annotations": {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": digest}},
    ]});
    serve.tag("train", "v1", &index);
    let home = &serve.home;
    let told = home.ok(&["inspect", &format!("{}/train:v1", serve.host), "-o", "json"]).json();
    assert_eq!(told["manifests"][1]["attestation"], true);
    assert_eq!(told["manifests"][1]["attests"], digest);
    let shown = home.ok(&["inspect", &format!("{}/train:v1", serve.host)]);
    assert!(shown.stdout.contains("attestation of") && !shown.stdout.contains("unknown/unknown"), "{shown}");
}

#[test]
fn what_is_no_image_is_called_by_its_name() {
    let serve = Serve::start();
    let host = serve.host.clone();
    let blob = |media_type: &str, content: &str| {
        let digest = serve.push_blob("x", content.as_bytes());
        json!({"mediaType": media_type, "digest": digest, "size": content.len()})
    };
    let empty = "application/vnd.oci.empty.v1+json";
    for (kind, config, artifact_type, layer) in [
        (
            "helm-chart",
            "application/vnd.cncf.helm.config.v1+json",
            None,
            "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
        ),
        ("wasm", "application/vnd.wasm.config.v0+json", None, "application/wasm"),
        (
            "signature",
            "application/vnd.oci.image.config.v1+json",
            None,
            "application/vnd.dev.cosign.simplesigning.v1+json",
        ),
        ("sbom", empty, Some("application/spdx+json"), "application/spdx+json"),
        ("artifact", empty, Some("application/vnd.acme.thing"), "text/plain"),
    ] {
        let mut manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": blob(config, "{}"), "layers": [blob(layer, "text")]});
        manifest["layers"][0]["annotations"] = json!({"org.opencontainers.image.title": "it.txt"});
        if let Some(artifact_type) = artifact_type {
            manifest["artifactType"] = json!(artifact_type);
        }
        serve.tag("x", "v1", &manifest);
        let told = serve.home.ok(&["inspect", &format!("{host}/x:v1"), "-o", "json"]).json();
        assert_eq!((&told["kind"], &told["image"]["layers"][0]["title"]), (&json!(kind), &json!("it.txt")), "{told}");
        // An artifact that names no type is of that of its configuration.
        let wanted =
            artifact_type.or(Some(config).filter(|config| config.contains(".helm.") || config.contains(".wasm.")));
        assert_eq!(told["artifactType"], json!(wanted), "{told}");
        if layer == "application/wasm" {
            serve.home.fails(1, &["ls-files", &format!("{host}/x:v1")]).says("it is no archive");
        }
    }
}
