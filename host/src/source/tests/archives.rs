//! Archives whose entries stand in each other's way.

use super::*;

#[tokio::test]
async fn of_two_entries_of_one_name_the_last_one_counts() {
    let (place, config, layer) = (Place::new(), config("amd64"), layer());
    let manifest = docker_manifest("c", &json!(["l.tar"]));
    let old = gzip(b"an older layer");
    let files: [(&str, &[u8]); 6] = [
        ("manifest.json", b"[]"),
        ("c", b"{\"an older\":\"configuration\"}"),
        ("l.tar", &old),
        ("manifest.json", &manifest),
        ("c", &config),
        ("l.tar", &layer),
    ];
    let plain = place.tar("a.tar", &files);
    fs::write(place.path("a.tar.gz"), gzip(&fs::read(plain).unwrap())).unwrap();
    for name in ["a.tar", "a.tar.gz"] {
        let source = place.open("docker-archive", name, Options::default()).await.unwrap();
        assert_eq!(read(&source).await, std::slice::from_ref(&layer), "{name}");
    }
}

#[tokio::test]
async fn a_compressed_layer_of_an_archive_that_is_compressed_too_is_found_by_its_place() {
    let (place, config, stored) = (Place::new(), config("amd64"), gzip(&layer()));
    let name = format!("{}.tar.gz", hex(&stored));
    let manifest = docker_manifest("c", &json!([name]));
    let files: [(&str, &[u8]); 4] =
        [(&name, b"an older file"), (&name, &stored), ("c", &config), ("manifest.json", &manifest)];
    let plain = place.tar("a.tar", &files);
    fs::write(place.path("a.tar.gz"), gzip(&fs::read(plain).unwrap())).unwrap();
    let source = place.open("docker-archive", "a.tar.gz", Options::default()).await.unwrap();
    assert_eq!(read(&source).await, [stored]);
}

#[tokio::test]
async fn a_configuration_that_no_registry_takes_is_called_too_large_and_not_missing() {
    let place = Place::new();
    let manifest = docker_manifest("c", &json!([]));
    place.tar("a.tar", &[("manifest.json", &manifest), ("c", &vec![b' '; (4 << 20) + 1])]);
    let error = place.open("docker-archive", "a.tar", Options::default()).await.err().unwrap();
    assert!(error.to_string().ends_with("`c` has more than 4194304 bytes"), "{error}");
}
