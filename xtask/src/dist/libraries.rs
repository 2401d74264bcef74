//! The files of the system that the program needs in an image: shared libraries, and the certificates of authorities.

use std::fs;
use std::path::Path;

use crate::command::{answer, command};
use crate::failure::{Failure, Result};

/// Where authorities are, on this machine and in the image.
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// A file of the system.
pub(super) struct Library {
    /// Its absolute path, at which the loader looks for it.
    pub(super) path: String,
    /// Its content.
    pub(super) bytes: Vec<u8>,
    /// The package that it is from.
    pub(super) package: Option<Package>,
}

/// A package of Debian, or of a system that is made of its packages.
pub(super) struct Package {
    /// The system, such as `debian`.
    pub(super) vendor: String,
    /// Its name.
    pub(super) name: String,
    /// Its version.
    pub(super) version: String,
    /// Its licences.
    pub(super) copyright: Option<Vec<u8>>,
}

/// The libraries that the loader opens for a program, itself included, and the authorities.
pub(super) fn of(program: &Path) -> Result<Vec<Library>> {
    let mut paths = vec![AUTHORITIES.to_owned()];
    // Of a static program there are none, and `ldd` fails.
    for line in answer(command("ldd", [] as [&str; 0]).arg(program)).unwrap_or_default().lines() {
        if line.contains("not found") {
            return Err(Failure::new(format!("a library of `{}` is missing: {}", program.display(), line.trim())));
        }
        // `libc.so.6 => /lib/…/libc.so.6 (0x…)`, and the loader alone is named by its path.
        let path = line.rsplit_once("=> ").map_or(line, |(_, path)| path).trim();
        paths.extend(path.split(' ').next().filter(|path| path.starts_with('/')).map(str::to_owned));
    }
    paths.sort();
    paths.dedup();
    paths.into_iter().map(read).collect()
}

fn read(path: String) -> Result<Library> {
    let file = Path::new(&path);
    let bytes = fs::read(file).map_err(Failure::io("read", file)).map_err(|failure| {
        failure.hint("the image needs the certificates of authorities (Debian: ca-certificates) and its libraries")
    })?;
    let package = package(&path);
    Ok(Library { path, bytes, package })
}

/// The package of a file, by `dpkg`; the bundle of authorities is made when its package is installed.
fn package(path: &str) -> Option<Package> {
    let owner = |path: &str| {
        let found = answer(&mut command("dpkg-query", ["--search", path]))?;
        Some(found.lines().next()?.split(": ").next()?.split(':').next()?.to_owned())
    };
    let real = || fs::canonicalize(path).ok()?.to_str().map(str::to_owned);
    let name = match path {
        AUTHORITIES => "ca-certificates".to_owned(),
        _ => owner(path).or_else(|| owner(&real()?))?,
    };
    let version = answer(&mut command("dpkg-query", ["--show", "--showformat=${Version}\\n", &name]))?;
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let vendor =
        release.lines().find_map(|line| line.strip_prefix("ID=")).unwrap_or("debian").trim_matches('"').to_owned();
    let copyright = fs::read(format!("/usr/share/doc/{name}/copyright")).ok();
    Some(Package { vendor, name, version: version.lines().next()?.to_owned(), copyright })
}
