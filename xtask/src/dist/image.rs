//! The minimal image: the program, what it needs, and flavors that are compiled already. It has no shell, its user is
//! not root, and nothing in it has to be written to.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::dependencies::Dependencies;
use super::known::Release;
use super::layout::{Layout, rfc3339};
use super::tree::Tree;
use super::{cyclonedx, libraries};
use crate::command::{capture, command};
use crate::failure::{Failure, Result};

/// The user: not root, and no user of a system.
const USER: u64 = 65_532;
/// The directory of the program's own state, and its home.
const HOME: &str = "crhost";

/// Writes the layout of the image into a directory.
pub(super) fn write(
    directory: &Path,
    release: &Release,
    package: &Tree,
    program: &Path,
    dependencies: &Dependencies,
) -> Result<()> {
    let libraries = libraries::of(program)?;
    let mut system = Tree::default();
    for library in &libraries {
        system.add_program(library.path.trim_start_matches('/'), library.bytes.clone());
        if let Some(package) = &library.package
            && let Some(copyright) = &package.copyright
        {
            system.add_file(&format!("usr/share/doc/{}/copyright", package.name), copyright.clone());
        }
    }
    system.add_file(
        "etc/passwd",
        format!("root:x:0:0:root:/:/none\n{HOME}:x:{USER}:{USER}:{HOME}:/{HOME}:/none\n").into(),
    );
    system.add_file("etc/group", format!("root:x:0:\n{HOME}:x:{USER}:\n").into());
    // Names in files before those of DNS, as systems have it.
    system.add_file("etc/nsswitch.conf", b"hosts: files dns\n".to_vec());
    system.add_directory("tmp", 0o1777);

    let sbom = cyclonedx::document(release, dependencies, program, &libraries)?;
    let mut files = Tree::default();
    files.add_tree("usr", package.clone().filtered(|path| path.starts_with("bin/") || path.starts_with("share/doc/")));
    files.add_file("usr/share/doc/crhost/sbom.cdx.json", sbom.clone());

    // Beside it, too, for a push that attaches it.
    let beside = directory.with_extension("sbom.cdx.json");
    fs::write(&beside, sbom).map_err(Failure::io("write", &beside))?;
    let layout = Layout::create(directory)?;
    let layers = [system, files, compiled(program)?].into_iter().map(|tree| layout.layer(&tree, release.time));
    let layers = layers.collect::<Result<Vec<_>>>()?;
    let created = rfc3339(release.time);
    let annotations = annotations(release, &created);
    let (architecture, os) = platform(&release.target)?;
    let history = ["libraries and authorities", "crhost", "compiled flavors"]
        .map(|what| json!({"created": created, "created_by": "cargo xtask dist", "comment": what}));
    let config = json!({
        "created": created,
        "architecture": architecture,
        "os": os,
        "config": {
            "User": format!("{USER}:{USER}"),
            "Env": ["PATH=/usr/bin", format!("CRHOST_HOME=/{HOME}")],
            "Entrypoint": ["crhost"],
            "WorkingDir": "/",
            "Labels": annotations,
        },
        "rootfs": {"type": "layers", "diff_ids": layers.iter().map(|layer| &layer.diff_id).collect::<Vec<_>>()},
        "history": history,
    });
    let config = layout.blob("application/vnd.oci.image.config.v1+json", config.to_string().as_bytes())?;
    let media_type = "application/vnd.oci.image.manifest.v1+json";
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": config,
        "layers": layers.iter().map(|layer| &layer.descriptor).collect::<Vec<_>>(),
        "annotations": annotations,
    });
    let mut descriptor = layout.blob(media_type, manifest.to_string().as_bytes())?;
    if let Some(descriptor) = descriptor.as_object_mut() {
        descriptor.insert("platform".to_owned(), json!({"architecture": architecture, "os": os}));
        let name = json!({"org.opencontainers.image.ref.name": release.version});
        descriptor.insert("annotations".to_owned(), name);
    }
    layout.finish(descriptor)
}

/// The home of the user, with the code of all built-in flavors: a first push compiles nothing.
fn compiled(program: &Path) -> Result<Tree> {
    let home = TempDir::new().map_err(|error| Failure::new(format!("cannot make a directory: {error}")))?;
    let crhost = |arguments: &[&str]| {
        let mut command = command(program, arguments);
        command.env_clear().env("CRHOST_HOME", home.path());
        capture(&mut command)
    };
    let names = crhost(&["flavor", "list", "-o", "name"])?;
    let names: Vec<&str> = names.lines().collect();
    crhost(&[&["flavor", "precompile", "-o", "json"][..], &names].concat())?;
    let cache = home.path().join("cache");
    if !cache.is_dir() {
        return Err(Failure::new("the flavors were compiled, and the code was not kept"));
    }
    // Names with a dot at the beginning are those of work that is under way.
    let is_code = |path: &str| !path.split('/').any(|part| part.starts_with('.'));
    let mut tree = Tree::default();
    tree.add_directory(HOME, 0o755);
    tree.add_tree(&format!("{HOME}/cache"), Tree::read(&cache)?.filtered(is_code));
    tree.add_directory(&format!("{HOME}/cache"), 0o755);
    Ok(tree.private_of(USER))
}

/// What the image says of itself (OCI image specification 1.1, annotations).
fn annotations(release: &Release, created: &str) -> Map<String, Value> {
    let known = [
        ("title", Some("crhost")),
        ("description", Some("Pushes container images to any registry")),
        ("version", Some(release.version.as_str())),
        ("revision", release.revision.as_deref()),
        ("source", release.source.as_deref()),
        ("licenses", Some(env!("CARGO_PKG_LICENSE"))),
        ("created", Some(created)),
    ];
    let key = |name: &str| format!("org.opencontainers.image.{name}");
    known.into_iter().filter_map(|(name, value)| Some((key(name), json!(value?)))).collect()
}

/// The platform of a target, as images have it.
fn platform(target: &str) -> Result<(&'static str, &'static str)> {
    let architecture = match target.split('-').next() {
        Some("x86_64") => "amd64",
        Some("aarch64") => "arm64",
        _ => return Err(Failure::new(format!("images for `{target}` are not made; expected x86_64 or aarch64"))),
    };
    Ok((architecture, "linux"))
}
