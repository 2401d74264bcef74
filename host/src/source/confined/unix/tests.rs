use std::fs;
use std::io::Read as _;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use super::*;
use crate::source::confined::{FilesInTurn, is_link};

/// A file by each of the ways: by one request to the kernel, one component after the other, and among files in turn.
fn all(dir: &ConfinedDir, path: &[u8]) -> [io::Result<File>; 3] {
    let again = ConfinedDir { fd: dir.fd.try_clone().unwrap(), device: dir.device };
    [dir.file(path), examined(|flags| dir.walk(path, flags)), FilesInTurn::below(again).file(path)]
}

#[test]
fn files_below_the_directory_are_read_whatever_their_names_bytes() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("a")).unwrap();
    fs::write(place.path().join("a").join(OsStr::from_bytes(b"n\xff")), "text").unwrap();
    let dir = ConfinedDir::open(place.path()).unwrap();
    for file in all(&dir, b"./a//n\xff") {
        let mut text = String::new();
        file.unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "text");
    }
    for file in all(&dir.dir("a").unwrap(), b"n\xff") {
        assert!(file.is_ok());
    }
}

#[test]
fn nothing_leads_out_of_the_directory() {
    let place = tempfile::tempdir().unwrap();
    let inside = place.path().join("inside");
    fs::create_dir_all(inside.join("real")).unwrap();
    for file in [place.path().join("secret"), inside.join("plain"), inside.join("real/plain")] {
        fs::write(file, "text").unwrap();
    }
    symlink("../secret", inside.join("relative")).unwrap();
    symlink(place.path().join("secret"), inside.join("absolute")).unwrap();
    symlink("..", inside.join("up")).unwrap();
    symlink("real", inside.join("harmless")).unwrap();
    symlink("plain", inside.join("beside")).unwrap();
    symlink("/proc/self/root", inside.join("magic")).unwrap();
    let dir = ConfinedDir::open(&inside).unwrap();
    let absolute = place.path().join("secret");
    for file in [all(&dir, b"plain"), all(&dir, b"real/plain")].into_iter().flatten() {
        assert!(file.is_ok());
    }
    for path in ["relative", "absolute", "up/secret", "harmless/plain", "beside", "magic/etc/hostname"] {
        for file in all(&dir, path.as_bytes()) {
            assert!(is_link(&file.unwrap_err()), "{path}");
        }
    }
    for path in ["../secret", "real/../../secret", "real/../plain", absolute.to_str().unwrap(), "a\0b", "", "."] {
        for file in all(&dir, path.as_bytes()) {
            assert!(file.is_err(), "{path}");
        }
    }
    assert!(dir.dir("harmless").is_err() && dir.dir("..").is_err());
    // The user's own path may have links.
    assert!(ConfinedDir::open(&inside.join("harmless")).unwrap().file(b"plain").is_ok());
    assert!(open_regular(&inside.join("beside")).is_ok());
}

#[test]
fn what_is_no_file_is_refused_without_being_opened() {
    let place = tempfile::tempdir().unwrap();
    let pipe = place.path().join("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, FileType::Fifo, Mode::RUSR, 0).unwrap();
    fs::create_dir(place.path().join("directory")).unwrap();
    let _socket = UnixListener::bind(place.path().join("socket")).unwrap();
    let dir = ConfinedDir::open(place.path()).unwrap();
    for path in ["pipe", "directory", "socket", "missing"] {
        for file in all(&dir, path.as_bytes()) {
            assert!(file.is_err(), "{path}");
        }
        assert!(open_regular(&place.path().join(path)).is_err(), "{path}");
    }
    // A writer of the pipe finds no reader: it was not opened even for a moment.
    let writer = rustix::fs::open(&pipe, OFlags::WRONLY | OFlags::NONBLOCK, Mode::empty());
    assert_eq!(writer.unwrap_err(), Errno::NXIO);
    assert!(open_regular(Path::new("/dev/null")).is_err());
}

#[test]
fn a_directory_of_a_store_has_files_of_one_file_system_only() {
    // Another file system below this one is on every Linux machine.
    let dev = ConfinedDir::open(Path::new("/")).unwrap().dir("dev").unwrap();
    let Ok(other) = fs::metadata("/dev/shm") else { return };
    let own = fs::metadata("/dev").unwrap();
    if std::os::unix::fs::MetadataExt::dev(&other) == std::os::unix::fs::MetadataExt::dev(&own) {
        return;
    }
    let far = tempfile::NamedTempFile::new_in("/dev/shm").unwrap();
    let path = far.path().strip_prefix("/dev").unwrap().to_str().unwrap();
    for file in all(&dev, path.as_bytes()) {
        assert_eq!(file.unwrap_err().raw_os_error(), Some(Errno::XDEV.raw_os_error()));
    }
}

#[test]
fn files_in_turn_are_found_in_any_order_of_directories() {
    let place = tempfile::tempdir().unwrap();
    let files = ["one", "a/one", "a/two", "a/b/one", "a/c/one", "a/three", "b/one", "two"];
    for file in files {
        fs::create_dir_all(place.path().join(file).parent().unwrap()).unwrap();
        fs::write(place.path().join(file), file).unwrap();
    }
    let mut in_turn = FilesInTurn::below(ConfinedDir::open(place.path()).unwrap());
    let mut read = |path: &str| {
        let mut text = String::new();
        in_turn.file(path.as_bytes()).map(|mut file| file.read_to_string(&mut text).unwrap()).map(|_| text)
    };
    for file in files.into_iter().chain(files.into_iter().rev()) {
        assert_eq!(read(file).unwrap(), file);
        assert_eq!(read(&format!("./{file}")).unwrap(), file);
        for missing in ["a/missing", "missing/one", "a/b", "a/../one", "a/", ""] {
            assert!(read(missing).is_err(), "{missing}");
        }
    }
}

#[test]
fn a_kept_directory_that_is_replaced_by_a_link_leads_nowhere_else() {
    let place = tempfile::tempdir().unwrap();
    let (inside, outside) = (place.path().join("inside"), place.path().join("outside"));
    for directory in [inside.join("a"), outside.clone()] {
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("one"), "one").unwrap();
    }
    fs::write(outside.join("secret"), "secret").unwrap();
    let mut in_turn = FilesInTurn::below(ConfinedDir::open(&inside).unwrap());
    in_turn.file(b"a/one").unwrap();
    fs::rename(inside.join("a"), inside.join("b")).unwrap();
    symlink(&outside, inside.join("a")).unwrap();
    assert!(in_turn.file(b"a/secret").is_err());
    in_turn.file(b"b/one").unwrap();
    assert!(is_link(&in_turn.file(b"a/secret").unwrap_err()));
}
