//! What belongs to an image: by the referrers API, the referrers tag, and cosign's tags.

use serde_json::{Value, json};

use super::Scene;
use crate::support::fakes::faulty_proxy::{Fate, deciding, refusal};
use crate::support::fakes::referrers_registry::{Habits, ReferrersRegistry};
use crate::support::images::{digest, image_files};
use crate::support::programs::process;
use crate::support::programs::serve::{CONFIG, Serve};

/// A manifest that belongs to another one.
fn referrer(serve: &Serve, content: &str, kind: &str, subject: &Value) -> Value {
    let mut manifest = serve.image("train", content);
    manifest["artifactType"] = kind.into();
    manifest["subject"] = subject.clone();
    manifest
}

fn descriptor(digest: &str, document: &Value) -> Value {
    json!({"mediaType": document["mediaType"], "digest": digest, "size": document.to_string().len()})
}

/// A registry with the referrers API that has an image as `train:v1`; its SBOM, which is signed itself; and a signature
/// under cosign's tag. Gives the digests of all four.
fn signed() -> (Serve, [String; 4]) {
    let serve = Serve::start();
    let image = serve.image("train", "image");
    let digest = serve.tag("train", "v1", &image);
    let sbom = referrer(&serve, "sbom", "application/spdx+json", &descriptor(&digest, &image));
    let put = |document: &Value| {
        let bytes = document.to_string();
        let digest = digest::of(bytes.as_bytes());
        serve.push_manifest("train", &digest, image_files::MANIFEST, bytes.as_bytes()).expect(201);
        digest
    };
    let sbom_digest = put(&sbom);
    let signature = put(&referrer(&serve, "signature", "application/x.signature", &descriptor(&sbom_digest, &sbom)));
    let tag = format!("{}.sig", digest.replace(':', "-"));
    let cosign = serve.tag("train", &tag, &serve.image("train", "cosign"));
    (serve, [digest, sbom_digest, signature, cosign])
}

/// The digests of the list under the referrers tag.
fn listed(host: &str, subject: &str) -> Vec<String> {
    let name = format!("docker://{host}/train:{}", subject.replace(':', "-"));
    let arguments = ["inspect", "--raw", "--tls-verify=false", "--no-creds", &name];
    let list = process::tool("skopeo", arguments).ok().json();
    let entries = list["manifests"].as_array().unwrap().iter();
    entries.map(|entry| entry["digest"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn everything_goes_with_an_image_into_a_registry_without_the_referrers_api_and_back() {
    let (scene, (serve, [image, sbom, signature, cosign])) = (Scene::new(), signed());
    let from = format!("{}/train:v1", serve.host);
    let copied = scene.home.ok(&["copy", &from, "prod/train:v1", "--referrers", "-o", "json"]).json();
    assert_eq!(copied["images"][0]["referrers"], 3, "{copied}");
    let tag = format!("train:{}.sig", image.replace(':', "-"));
    assert_eq!((scene.digest("train:v1"), scene.digest(&tag)), (image.clone(), cosign.clone()));
    assert_eq!(listed(scene.prod.host(), &image), [sbom.as_str()]);
    assert_eq!(listed(scene.prod.host(), &sbom), [signature.as_str()]);
    let again = scene.home.ok(&["copy", &from, "prod/train:v1", "--referrers", "-o", "json"]).json();
    assert_eq!((&again["images"][0]["outcome"], &again["images"][0]["referrers"]), (&json!("unchanged"), &json!(0)));

    let back = Serve::start();
    let to = format!("{}/train:v1", back.host);
    scene.home.ok(&["copy", "prod/train:v1", &to, "--referrers"]);
    let of = |subject: &str| {
        let list = back.ask("GET", &format!("/v2/train/referrers/{subject}")).expect(200).json();
        list["manifests"].as_array().unwrap().iter().map(|entry| entry["digest"].clone()).collect::<Vec<_>>()
    };
    assert_eq!((of(&image), of(&sbom)), (vec![json!(sbom)], vec![json!(signature)]));
    back.ask("GET", &format!("/v2/train/manifests/{}.sig", image.replace(':', "-"))).expect(200);
}

#[test]
fn a_blob_that_many_referrers_share_is_sent_once_and_what_belongs_to_an_image_is_counted_in_bytes() {
    const EMPTY: &str = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    let (scene, habits) = (Scene::new(), Habits { lists: true, ..Habits::default() });
    let from = ReferrersRegistry::start(habits);
    let described = |media_type: &str, blob: &[u8]| json!({"mediaType": media_type, "digest": digest::of(blob), "size": blob.len()});
    let image = json!({
        "schemaVersion": 2, "mediaType": image_files::MANIFEST,
        "config": described(CONFIG, b"{\"a\":1}"), "layers": [described(image_files::LAYER, b"a layer")],
    });
    let subject = descriptor(&from.put("v1", &image, &[b"{\"a\":1}", b"a layer"]), &image);
    let put = |number: usize| {
        let content = format!("report {number:02}");
        let manifest = json!({
            "schemaVersion": 2, "mediaType": image_files::MANIFEST, "artifactType": "application/x.report",
            "config": described("application/vnd.oci.empty.v1+json", b"{}"),
            "layers": [described("application/x.report", content.as_bytes())], "subject": subject,
        });
        from.put(&digest::of(manifest.to_string().as_bytes()), &manifest, &[b"{}", content.as_bytes()]);
    };
    (0..20).for_each(put);
    let source = format!("{}/train:v1", from.host());
    let copy = ["copy", &source, "prod/train:v1", "--referrers", "-o", "json"];
    let mut copied = Value::Null;
    let requests = scene.prod.requests_of(|| copied = scene.home.ok(&copy).json());
    let asked = requests.iter().filter(|request| request.contains(EMPTY)).count();
    assert!((2..=3).contains(&asked), "asked for, sent and confirmed: {requests:#?}");
    let whole = "a layer".len() + 20 * "report 00".len();
    assert_eq!((&copied["images"][0]["referrers"], &copied["bytesSent"]), (&json!(20), &json!(whole)), "{copied}");
    put(20);
    let again = scene.home.ok(&copy).json();
    assert_eq!((&again["images"][0]["outcome"], &again["bytesSent"]), (&json!("copied"), &json!(9)), "{again}");
}

#[test]
fn without_being_asked_only_the_image_is_copied() {
    let (scene, (serve, [image, sbom, ..])) = (Scene::new(), signed());
    scene.home.ok(&["copy", &format!("{}/train:v1", serve.host), "prod/train:v1"]);
    assert_eq!(scene.digest("train:v1"), image);
    assert!(!scene.has(&format!("train@{sbom}")));
    assert!(!scene.has(&format!("train:{}.sig", image.replace(':', "-"))));
}

#[test]
fn what_is_listed_and_not_there_is_left_out_with_a_warning() {
    let (scene, (serve, [_, lost, ..])) = (Scene::new(), signed());
    scene.home.ok(&["copy", &format!("{}/train:v1", serve.host), "dev/train:v1", "--referrers"]);
    let hidden = lost.clone();
    let proxy = deciding(scene.dev.host(), move |line| {
        let is_hidden = line.contains("/manifests/") && line.contains(&hidden);
        if is_hidden { Fate::Gets(refusal("404 Not Found", "")) } else { Fate::Passes }
    });
    let from = format!("localhost:{}/train:v1", proxy.port());
    let copied = scene.home.ok(&["copy", &from, "prod/train:v1", "--referrers"]);
    assert!(copied.stderr.contains(&format!("lists {lost} and does not have it; left out")), "{copied}");
    assert!(scene.has("train:v1"));
}
