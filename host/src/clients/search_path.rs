//! The `PATH` on which clients look for programs, and the names by which this program is called.

use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The paths by which this program is called, which may be links that an update moves: those that the `PATH` finds, and
/// the one that was typed. The helper's own links are none of them, as a link to a link that is removed leads nowhere.
pub(super) fn called(this: &Path, helper: &str, search_path: &[PathBuf], typed: &Path) -> Vec<PathBuf> {
    let own = format!("crhost{}", std::env::consts::EXE_SUFFIX);
    let is_other = |name: &&OsStr| *name != OsStr::new(helper);
    let names = [typed.file_name(), Some(OsStr::new(&own)), this.file_name()].into_iter().flatten().filter(is_other);
    let find = |name: &OsStr| {
        let mut paths = search_path.iter().map(|directory| directory.join(name));
        paths.find(|path| leads_to(path, this))
    };
    let mut paths: Vec<PathBuf> = names.filter_map(find).collect();
    // A bare name was looked for on the `PATH`.
    let has_directory = typed.parent().is_some_and(|directory| !directory.as_os_str().is_empty());
    if has_directory && typed.file_name().is_some_and(|name| is_other(&name)) && leads_to(typed, this) {
        paths.push(whole(typed));
    }
    paths
}

/// Whether a path leads to a program, whose own path has no links.
pub(super) fn leads_to(path: &Path, program: &Path) -> bool {
    fs::canonicalize(path).is_ok_and(|found| found == program)
}

/// A path that is absolute and without `..`, as links are recorded and directories are named in the `PATH`. Links stay,
/// but for those before a `..`, which the system follows first.
pub(super) fn whole(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut whole = PathBuf::new();
    for part in absolute.components() {
        if part == Component::ParentDir {
            whole = fs::canonicalize(&whole).unwrap_or(whole);
            whole.pop();
        } else {
            whole.push(part);
        }
    }
    whole
}

/// Whether the `PATH` names a directory, by this path or by another one that leads there.
pub(super) fn is_on(search_path: &[PathBuf], directory: &Path) -> bool {
    let real = fs::canonicalize(directory).ok();
    let is_same = |other: &PathBuf| other == directory || (real.is_some() && fs::canonicalize(other).ok() == real);
    search_path.iter().any(is_same)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    const HELPER: &str = "docker-credential-crhost";

    /// A directory with `opt/crhost-1`, a link to it as `bin/crhost` and an empty `home`; its path has no links.
    fn machine() -> std::io::Result<(tempfile::TempDir, PathBuf)> {
        let directory = tempfile::tempdir()?;
        let root = fs::canonicalize(directory.path())?;
        for name in ["opt", "bin", "home"] {
            fs::create_dir(root.join(name))?;
        }
        fs::write(root.join("opt/crhost-1"), "")?;
        symlink(root.join("opt/crhost-1"), root.join("bin/crhost"))?;
        Ok((directory, root))
    }

    #[test]
    fn a_program_is_called_by_the_name_that_the_path_finds_or_that_was_typed() {
        let (_directory, root) = machine().unwrap();
        let (this, link) = (root.join("opt/crhost-1"), root.join("bin/crhost"));
        let on_path = [root.join("home"), root.join("bin")];
        for typed in ["crhost", "", "crhost-1", "docker-credential-crhost"] {
            assert!(called(&this, HELPER, &on_path, Path::new(typed)).contains(&link), "{typed}");
        }
        assert_eq!(called(&this, HELPER, &[], &root.join("home/../bin/crhost")), [link]);
        assert!(called(&this, HELPER, &[], Path::new("crhost")).is_empty());
        // Another program of this name.
        fs::write(root.join("home/crhost"), "").unwrap();
        assert!(called(&this, HELPER, &[root.join("home")], &root.join("home/crhost")).is_empty());
    }

    #[test]
    fn a_directory_is_on_the_path_by_each_of_its_names() {
        let (_directory, root) = machine().unwrap();
        symlink(root.join("bin"), root.join("home/bin")).unwrap();
        let on_path = [root.join("bin")];
        for name in ["bin", "home/bin", "home/../bin", "home/bin/../bin"] {
            assert!(is_on(&on_path, &whole(&root.join(name))), "{name}");
        }
        for name in ["opt", "absent", "bin/below"] {
            assert!(!is_on(&on_path, &whole(&root.join(name))), "{name}");
        }
        assert_eq!(whole(&root.join("home/bin/../opt")), root.join("opt"));
        assert!(is_on(&[root.join("new")], &whole(&root.join("absent/../new"))));
    }
}
