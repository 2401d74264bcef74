//! The files of a release.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::read::GzDecoder;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::programs::dist::{TIME, made, make, stripped};
use crate::support::programs::peers;
use crate::support::programs::process;
use crate::support::programs::tree::files;

/// The file of the program whose name ends like this.
fn of_program(end: &str) -> PathBuf {
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let is_it = |path: &PathBuf| name(path).starts_with("crhost-") && name(path).ends_with(end);
    files(made()).into_iter().find(is_it).unwrap()
}

#[test]
fn a_release_made_again_elsewhere_has_the_same_bytes() {
    let first = made();
    let place = TempDir::new().unwrap();
    let again = place.path().join("another place/dist");
    // Others' directories, another umask, and another time.
    let program = place.path().join("other-name");
    fs::copy(stripped(), &program).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    make(&again, &program);
    let names = |directory: &Path| -> BTreeSet<_> {
        files(directory).iter().map(|file| file.strip_prefix(directory).unwrap().to_owned()).collect()
    };
    assert_eq!(names(first), names(&again));
    for name in names(first) {
        assert!(fs::read(first.join(&name)).unwrap() == fs::read(again.join(&name)).unwrap(), "{}", name.display());
    }
    process::run(Command::new("sha256sum").args(["--check", "--quiet", "SHA256SUMS"]).current_dir(&again)).ok();
}

#[test]
fn the_archive_has_the_program_and_all_that_belongs_to_it() {
    let file = of_program(".tar.gz");
    let mut archive = tar::Archive::new(GzDecoder::new(File::open(&file).unwrap()));
    let (mut paths, mut licences, mut sbom) = (Vec::new(), String::new(), Value::Null);
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().display().to_string();
        let header = entry.header();
        assert_eq!((header.mtime().unwrap(), header.uid().unwrap()), (TIME.parse().unwrap(), 0), "{path}");
        if path.ends_with("THIRD-PARTY-LICENCES.txt") {
            entry.read_to_string(&mut licences).unwrap();
        } else if path.ends_with("sbom.cdx.json") {
            sbom = serde_json::from_reader(entry).unwrap();
        }
        paths.push(path);
    }
    for expected in [
        "/bin/crhost",
        "/bin/docker-credential-crhost",
        "/share/man/man1/crhost-push.1",
        "/share/bash-completion/completions/crhost",
        "/share/zsh/site-functions/_crhost",
        "/share/doc/crhost/LICENSE",
    ] {
        assert!(paths.iter().any(|path| path.ends_with(expected)), "{expected} of {paths:?}");
    }
    assert!(paths.iter().all(|path| path.starts_with(paths[0].as_str())), "one directory has all of it");
    // Each crate of others has its licence there.
    let components = sbom["components"].as_array().unwrap();
    let of_others = components.iter().filter_map(|component| component["purl"].as_str());
    let mut count = 0;
    for purl in of_others {
        let line = format!("\n{}  ", purl.strip_prefix("pkg:cargo/").unwrap());
        assert!(licences.contains(&line), "{purl}");
        count += 1;
    }
    assert!(count > 300, "{count} crates");
    for (crate_, text) in [("wasmtime@", "LLVM"), ("wit-bindgen@", "Apache License"), ("ring@", "ISC")] {
        assert!(licences.contains(&format!("\n{crate_}")) && licences.contains(text), "{crate_}");
    }
}

#[test]
fn the_bills_of_materials_are_valid() {
    let script = "\
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
for name in sys.argv[1:]:
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(name).read())
    assert error is None, (name, error)
";
    let files = [of_program(".sbom.cdx.json"), made().join("image.sbom.cdx.json")];
    process::run(Command::new(peers::python()).args(["-c", script]).args(&files)).ok();
    let image = super::image::file("usr/share/doc/crhost/sbom.cdx.json");
    assert!(image == fs::read(&files[1]).unwrap(), "the image has its own");
    let image: Value = serde_json::from_slice(&image).unwrap();
    let names: BTreeSet<&str> =
        image["components"].as_array().unwrap().iter().map(|component| component["name"].as_str().unwrap()).collect();
    // The program's own crates, and what else of the machine is in the image.
    assert!(names.contains("rustls") && names.contains("ca-certificates"), "{names:?}");
    assert!(names.iter().any(|name| name.starts_with("libc")), "{names:?}");
}
