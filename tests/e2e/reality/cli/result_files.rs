//! Results that can't be written: after a push, the user has to know that it worked.

use std::fs::{self, File};
use std::os::unix::fs::symlink;

use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;

const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "local", "--as", "train"];

#[test]
fn a_digest_file_that_fails_after_the_push_does_not_hide_the_result() {
    let (registry, (home, _)) = (Registry::open(), Home::with_image());
    home.register("local", registry.host());
    for form in [&[][..], &["-o", "json"]] {
        let pushed = home.run(&[&PUSH[..], &["--digest-file", "/dev/full"], form].concat());
        assert_eq!(pushed.code, Some(1), "{pushed}");
        assert!(pushed.stdout.contains(registry.host()) && pushed.stdout.contains("sha256:"), "{pushed}");
        let words = "the image was pushed, but `/dev/full` can't be written: No space left on device";
        assert!(pushed.stderr.contains(words), "{pushed}");
    }
    assert_eq!(registry.tags(), 1);
}

#[test]
fn a_link_as_digest_file_stays_a_link() {
    let (registry, (home, _)) = (Registry::open(), Home::with_image());
    home.register("local", registry.host());
    symlink("target", home.path("link")).unwrap();
    home.ok(&[&PUSH[..], &["--digest-file", "link"]].concat());
    assert!(home.path("link").is_symlink());
    assert!(fs::read_to_string(home.path("target")).unwrap().starts_with("sha256:"));
}

#[test]
fn files_that_can_t_be_meant_are_refused_before_the_push() {
    let (registry, (home, _)) = (Registry::open(), Home::with_image());
    home.register("local", registry.host());
    let refused = |files: &[&str]| home.fails(2, &[&PUSH[..], files].concat());
    refused(&["--digest-file", "-"]).says("`-` is not taken for a file");
    refused(&["--digest-file", "f", "--metadata-file", "./f"]).says("name the same file");
    let missing = refused(&["--digest-file", "/nonexistent/digest"]);
    assert_eq!(missing.error(), "`/nonexistent/digest` can't be written: No such file or directory");
    assert_eq!(registry.tags(), 0);
}

#[test]
fn a_result_that_is_lost_on_a_full_disk_is_a_failure_and_one_that_nobody_reads_is_none() {
    let (registry, (home, _)) = (Registry::open(), Home::with_image());
    home.register("local", registry.host());
    for words in [&PUSH[..], &["registry", "list"], &["registry", "list", "-o", "json"], &["--help"], &["--version"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let full = home.command(words).stdout(full).output().unwrap();
        let told = String::from_utf8(full.stderr).unwrap();
        assert_eq!(full.status.code(), Some(1), "{words:?}: {told}");
        assert!(told.contains("can't be written to standard output: No space left on device"), "{told}");
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        assert_eq!(home.command(words).stdout(writer).output().unwrap().status.code(), Some(0), "{words:?}");
    }
}
