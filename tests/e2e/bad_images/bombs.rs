//! Image files of a few KB or MB that announce gigabytes, or have as many parts as fit.

use std::fs::{self, File};
use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{EntryType, Header};

use super::{assert_refused, cut, setting};
use crate::support::images::image_files;
use crate::support::programs::crhost::Home;

/// Bytes of what each trap has: twice the memory that crhost may have at all.
const HUGE: u64 = 600 << 20;

/// A header with a type and a size.
fn header(kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_path("x").unwrap();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_cksum();
    header
}

/// A header of a sparse file, behind which a map follows.
fn sparse_header() -> Header {
    let mut header = header(EntryType::GNUSparse, 0);
    header.as_gnu_mut().unwrap().set_is_extended(true);
    header.set_cksum();
    header
}

/// One of the parts of a sparse file's map, 512 bytes with 21 entries, behind which another one follows.
fn sparse_map() -> Vec<u8> {
    let entry = [&b"000000000000000000000000"[..]; 21].concat();
    let mut map = [entry, vec![1], vec![0; 7]].concat();
    for field in map.chunks_mut(12).take(42) {
        field[11] = 0;
    }
    map
}

/// Writes a file as gzip: a start, then a block over and over.
fn gzip(home: &Home, name: &str, start: &[u8], block: &[u8], size: u64) {
    let mut file = GzEncoder::new(File::create(home.path(name)).unwrap(), Compression::fast());
    file.write_all(start).unwrap();
    let block = block.repeat((1 << 20) / block.len());
    for _ in 0..size / block.len() as u64 {
        file.write_all(&block).unwrap();
    }
    file.finish().unwrap();
}

#[test]
fn headers_that_announce_gigabytes_take_no_memory() {
    let (home, registry, _) = setting();
    for (name, kind) in
        [("name", EntryType::GNULongName), ("link", EntryType::GNULongLink), ("pax", EntryType::XHeader)]
    {
        let header = header(kind, HUGE);
        let compressed = format!("{name}.tar.gz");
        gzip(&home, &compressed, header.as_bytes(), b"a", HUGE);
        // As a hole of a file.
        let plain = format!("{name}.tar");
        fs::write(home.path(&plain), header.as_bytes()).unwrap();
        cut(&home.path(&plain), HUGE + 1024);
        for file in [compressed, plain] {
            let source = format!("docker-archive:{file}");
            home.fails(1, &["push", &source, "--to", "local", "--as", "x"]).says("headers").within(Duration::ZERO);
        }
    }
    gzip(&home, "map.tar.gz", sparse_header().as_bytes(), &sparse_map(), HUGE);
    let push = ["push", "docker-archive:map.tar.gz", "--to", "local", "--as", "x"];
    home.fails(1, &push).says("headers").within(Duration::ZERO);
    assert_eq!(registry.requests(), [""; 0]);
}

#[test]
fn files_beyond_number_and_names_beyond_measure_take_no_memory() {
    let (home, registry, _) = setting();
    let empty = header(EntryType::Regular, 0);
    gzip(&home, "files.tar.gz", b"", empty.as_bytes(), 100 << 20);
    // 60 KB for each name, so that their sum is what counts.
    let long = header(EntryType::GNULongName, 60 << 10);
    let name = [&long.as_bytes()[..], &vec![b'a'; 60 << 10], empty.as_bytes()].concat();
    gzip(&home, "names.tar.gz", b"", &name, HUGE);
    for (file, words) in [("files.tar.gz", "100000 files"), ("names.tar.gz", "names of its files")] {
        let source = format!("docker-archive:{file}");
        home.fails(1, &["push", &source, "--to", "local", "--as", "x"]).says(words).within(Duration::ZERO);
    }
    assert_eq!(registry.requests(), [""; 0]);
}

#[test]
fn a_pipe_or_a_device_is_no_archive_and_nothing_waits_for_it() {
    let (home, registry, _) = setting();
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, home.path("pipe.tar"), rustix::fs::FileType::Fifo, mode, 0).unwrap();
    std::os::unix::fs::symlink("/dev/zero", home.path("device.tar")).unwrap();
    for file in ["pipe.tar", "device.tar"] {
        assert_refused(&home, &registry, 2, &format!("docker-archive:{file}"), "no regular file");
    }
    // A link that the user typed is no trap.
    std::os::unix::fs::symlink("train.tar", home.path("link.tar")).unwrap();
    home.ok(&["push", "docker-archive:link.tar", "--to", "local", "--as", "train"]);
}

#[test]
fn a_layer_whose_window_takes_as_much_as_all_of_crhost_may_is_refused() {
    let (home, registry, mut image) = setting();
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(27).unwrap();
    encoder.write_all(&image.layers[0]).unwrap();
    // Its configuration still names the uncompressed layer.
    image.layers[0] = encoder.finish().unwrap();
    image_files::archive(&home.path("wide.tar"), &[("train:v1", &image)]);
    assert_refused(&home, &registry, 1, "docker-archive:wide.tar", "a window of more than");
}
