use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

fn bytes(text: &[u8]) -> Value {
    json!({"type": 2, "payload": STANDARD.encode(text), "position": 0})
}

fn file(name: &str, size: u64) -> Value {
    json!({"type": 1, "name": name, "size": size, "payload": "AAAAAAAAAAA=", "position": 0})
}

fn lines(records: &[Value]) -> Vec<u8> {
    records.iter().flat_map(|record| format!("{record}\n").into_bytes()).collect()
}

fn read(place: &TempDir, records: &[u8]) -> Result<Vec<u8>, String> {
    let mut archive = Archive::new(records, ConfinedDir::open(place.path()).unwrap());
    let mut read = Vec::new();
    archive.read_to_end(&mut read).map(|_| read).map_err(|error| error.to_string())
}

/// A directory with a file of five bytes.
fn place() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("five"), "12345").unwrap();
    place
}

#[test]
fn bytes_and_files_are_joined_in_their_order() {
    let place = place();
    fs::create_dir(place.path().join("grün")).unwrap();
    fs::write(place.path().join("grün/x<y"), "abc").unwrap();
    let raw = json!({"type": 1, "name_raw": STANDARD.encode("five"), "size": 5, "payload": null, "position": 9});
    let directory = json!({"type": 1, "name": "grün/", "payload": null, "position": 1});
    let records = [bytes(b"<\0"), file("five", 5), bytes(b"|"), directory, bytes(b""), file("./grün/x<y", 3), raw];
    // Go escapes some characters.
    let records = String::from_utf8(lines(&records)).unwrap().replace("x<y", "x\\u003cy");
    assert_eq!(read(&place, records.as_bytes()).unwrap(), b"<\x0012345|abc12345");
    assert_eq!(read(&place, &lines(&[file("/five", 5)])).unwrap(), b"12345");
    assert_eq!(read(&place, b"").unwrap(), b"");
}

#[test]
fn a_file_of_no_bytes_is_not_looked_for() {
    let place = tempfile::tempdir().unwrap();
    for name in ["gone", "../gone", ".wh.gone"] {
        assert_eq!(read(&place, &lines(&[file(name, 0), bytes(b"x")])).unwrap(), b"x");
    }
}

#[test]
fn of_a_file_no_more_bytes_are_read_than_were_recorded() {
    let place = place();
    assert_eq!(read(&place, &lines(&[file("five", 4), bytes(b"!")])).unwrap(), b"1234!");
    // Its digest shows that this is not the layer.
    assert_eq!(read(&place, &lines(&[file("five", u64::MAX), bytes(b"!")])).unwrap(), b"12345!");
}

#[test]
fn records_that_name_what_is_not_in_the_directory_are_refused() {
    let place = place();
    symlink("/etc/passwd", place.path().join("link")).unwrap();
    symlink("/etc", place.path().join("etc")).unwrap();
    symlink(".", place.path().join("here")).unwrap();
    let long = "n/".repeat(10_000);
    for name in [
        "",
        "/",
        "missing",
        "../five",
        "here/../five",
        "x/../../five",
        "link",
        "etc/passwd",
        "here/five",
        "a\0b",
        &long,
    ] {
        let error = read(&place, &lines(&[bytes(b"x"), file(name, 5)])).unwrap_err();
        assert!(error.starts_with('`') && error.len() < 300, "{name}: {error}");
    }
}

#[test]
fn what_is_no_record_is_refused() {
    let place = place();
    for line in [
        "\n",
        "{}\n",
        "[]\n",
        "null\n",
        "{\"type\":2,\"payload\":\"====\"}\n",
        "{\"type\":2,\"payload\":7}\n",
        "{\"type\":3,\"payload\":\"\"}\n",
        "{\"type\":0}\n",
        "{\"type\":1,\"name\":\"five\",\"size\":-5}\n",
        "{\"type\":1,\"name\":\"five\",\"size\":5e300}\n",
        "{\"type\":1,\"name_raw\":\"no base64\",\"size\":5}\n",
        "{\"type\":1,\"name\":\"five\",\"size\":5}",
        "{\"type\":2,\"payload\":\"\"}",
        "{\"type\":1,\"name\":\"fi",
    ] {
        assert!(read(&place, line.as_bytes()).unwrap_err().starts_with("a record"), "{line}");
    }
    assert!(read(&place, b"{\"type\":1,\"name\":\"\xff\",\"size\":5}\n").is_err());
    assert!(read(&place, format!("{}\n", "[".repeat(100_000)).as_bytes()).is_err());
}

#[test]
fn a_record_without_end_is_not_held() {
    let endless = io::BufReader::new(io::Cursor::new(b"{\"type\":2,\"payload\":\"").chain(io::repeat(b'A')));
    let mut archive = Archive::new(endless, ConfinedDir::open(place().path()).unwrap());
    assert!(archive.read_to_end(&mut Vec::new()).is_err());
    assert!(archive.line.len() as u64 <= MAX_RECORD);
}

#[test]
fn long_padding_is_read() {
    let padding = vec![0; 2 << 20];
    assert_eq!(read(&place(), &lines(&[bytes(&padding)])).unwrap(), padding);
}
