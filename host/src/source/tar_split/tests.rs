use std::fs;
use std::os::unix::fs::symlink;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::records::MAX_RECORD;
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
fn an_archive_is_the_same_whatever_a_reader_takes_or_has_ready_at_once() {
    let place = place();
    fs::write(place.path().join("large"), "0123456789".repeat(1000)).unwrap();
    let headers: Vec<u8> = (0..=255).cycle().take(1500).collect();
    let records = [bytes(&headers), file("five", 5), bytes(b"|"), file("large", 10_000), bytes(&headers)];
    let (records, expected) =
        (lines(&records), [&headers, &b"12345|"[..], &b"0123456789".repeat(1000), &headers].concat());
    for (ready, taken) in [(1, 1), (7, 3), (100, 1499), (5000, 1500), (1 << 16, 1 << 20)] {
        let records = io::BufReader::with_capacity(ready, records.as_slice());
        let mut archive = Archive::new(records, ConfinedDir::open(place.path()).unwrap());
        let (mut read, mut buffer) = (Vec::new(), vec![0; taken]);
        while let count @ 1.. = archive.read(&mut buffer).unwrap() {
            read.extend_from_slice(&buffer[..count]);
        }
        assert!(read == expected, "{ready} {taken}");
        assert_eq!(archive.read(&mut buffer).unwrap(), 0);
    }
}

#[test]
fn files_on_the_disk_are_asked_for_ahead_and_few_are_open_at_once() {
    let place = place();
    let names: Vec<String> = (0..100).map(|number| format!("{}/{number}", number / 30)).collect();
    for name in &names {
        let path = place.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, name).unwrap();
        // Out of memory, where the file system has a disk.
        let file = File::open(&path).unwrap();
        file.sync_all().unwrap();
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
    }
    let records = lines(&names.iter().map(|name| file(name, name.len() as u64)).collect::<Vec<_>>());
    let mut archive = Archive::new(records.as_slice(), ConfinedDir::open(place.path()).unwrap());
    let (mut read, mut buffer) = (Vec::new(), [0; 2]);
    while let count @ 1.. = archive.read(&mut buffer).unwrap() {
        read.extend_from_slice(&buffer[..count]);
        assert!(archive.pieces.ahead.len() < pieces::MAX_FILES);
    }
    assert_eq!(read, names.concat().into_bytes());
}

#[test]
fn bytes_are_the_same_in_any_form_of_their_record() {
    let encoded = STANDARD.encode([0xff; 300]);
    assert!(encoded.contains('/'));
    for record in [
        format!("{{\"type\":2,\"payload\":\"{encoded}\",\"position\":12}}\n"),
        format!("{{\"type\":2,\"payload\":\"{}\",\"position\":12}}\n", encoded.replace('/', "\\/")),
        format!("{{\"type\":2,\"payload\":\"{encoded}\",\"position\":-1}}\n"),
        format!("{{\"type\":2,\"payload\":\"{encoded}\"}}\r\n"),
        format!(" {{ \"position\": 12, \"payload\": \"{encoded}\", \"type\": 2 }}\n"),
    ] {
        assert_eq!(read(&place(), record.as_bytes()).unwrap(), [0xff; 300], "{record}");
    }
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
        "{\"type\":2,\"payload\":\"no base64\",\"position\":0}\n",
        "{\"type\":2,\"payload\":\"AA==\",\"position\":x}\n",
        "{\"type\":2,\"payload\":\"AA==\",\"position\":0}}\n",
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
    assert!(archive.pieces.records.line.len() <= MAX_RECORD);
}

#[test]
fn long_padding_is_read() {
    let padding = vec![0; 2 << 20];
    assert_eq!(read(&place(), &lines(&[bytes(&padding)])).unwrap(), padding);
}
