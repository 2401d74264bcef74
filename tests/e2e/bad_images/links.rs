//! Layouts whose files are not files: links to secrets of the machine, pipes that never end.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::{assert_refused, setting};
use crate::support::images::digest;

#[test]
fn no_link_of_a_layout_is_followed_and_nothing_behind_it_is_sent() {
    let (home, registry, _) = setting();
    let secret = home.path("secret");
    let blobs = home.path("layout/blobs/sha256");
    for blob in fs::read_dir(&blobs).unwrap().map(|blob| blob.unwrap().path()) {
        // The very bytes, at another place: who knows a digest does not need to know the bytes.
        fs::rename(&blob, &secret).unwrap();
        for target in [secret.as_path(), Path::new("../../../secret")] {
            symlink(target, &blob).unwrap();
            assert_refused(&home, &registry, 1, "oci:layout:v1", "symbolic link");
            home.fails(1, &["push", "oci:layout:v1", "--to", "local", "--as", "x"]).says("cp -rL");
            fs::remove_file(&blob).unwrap();
        }
        fs::rename(&secret, &blob).unwrap();
    }
    for part in ["index.json", "blobs", "blobs/sha256"] {
        let path = home.path(&format!("layout/{part}"));
        fs::rename(&path, &secret).unwrap();
        symlink(&secret, &path).unwrap();
        assert_refused(&home, &registry, 1, "oci:layout:v1", "symbolic link");
        fs::remove_file(&path).unwrap();
        fs::rename(&secret, &path).unwrap();
    }
    assert_eq!(registry.requests(), [""; 0]);
    // The directory itself is the user's own.
    symlink("layout", home.path("latest")).unwrap();
    home.ok(&["push", "oci:latest:v1", "--to", "local"]);
}

#[test]
fn a_pipe_in_a_layout_is_refused_and_not_waited_for() {
    let (home, registry, image) = setting();
    let mode = Mode::RUSR | Mode::WUSR;
    let config = format!("layout/blobs/sha256/{}", digest::hex(&image.config_digest()));
    for part in ["layout/index.json", &config] {
        let path = home.path(part);
        fs::rename(&path, home.path("kept")).unwrap();
        mknodat(CWD, &path, FileType::Fifo, mode, 0).unwrap();
        assert_refused(&home, &registry, 1, "oci:layout:v1", "no regular file");
        fs::remove_file(&path).unwrap();
        fs::rename(home.path("kept"), &path).unwrap();
    }
    assert_eq!(registry.requests(), [""; 0]);
}
