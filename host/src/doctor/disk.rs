//! Space for what crhost keeps, and for images that come from a pipe.

use std::path::{Path, PathBuf};

use super::bounded::on_thread;
use super::finding::{Check, Finding};
use crate::error::Kind;
use crate::files::space::{self, Space};
use crate::store::Home;
use crate::text::Foreign;

/// The needs of a directory, in bytes.
#[derive(Clone, Copy)]
struct Needs {
    /// Less is told.
    some: u64,
    /// Less is a problem.
    least: u64,
    /// Whether crhost makes the directory.
    is_made: bool,
    /// What the directory is for.
    what: &'static str,
    /// The next step where there is less.
    next: &'static str,
}

/// The database has some MiB, the compiled built-in flavors 60 MiB; a push writes some KiB for its layers.
const HOME: Needs = Needs {
    some: 100 << 20,
    least: 2 << 20,
    is_made: true,
    what: "what crhost keeps",
    next: "free space, or set CRHOST_HOME to a directory elsewhere",
};

/// An image from a pipe, or in an archive that is compressed, is kept whole until it is pushed: most have some 100 MiB.
const TEMPORARY: Needs = Needs {
    some: 1 << 30,
    least: 10 << 20,
    is_made: false,
    what: "images from a pipe",
    next: "free space, or set TMPDIR to a directory elsewhere",
};

/// The space for each.
pub(super) async fn space(home: Option<&Home>) -> Vec<Finding> {
    let mut directories: Vec<(PathBuf, Needs)> = home.map(|home| (home.data().to_owned(), HOME)).into_iter().collect();
    directories.push((std::env::temp_dir(), TEMPORARY));
    let mut findings = Vec::new();
    for (path, needs) in directories {
        let found = on_thread(Check::Disk, move || of(&path, needs)).await;
        findings.push(found.unwrap_or_else(|failed| *failed));
    }
    findings
}

fn of(path: &Path, needs: Needs) -> Finding {
    if !needs.is_made && !path.is_dir() {
        let found = format!("`{}`, for {}, is no directory", path.display(), needs.what);
        return Finding::problem(Check::Disk, Kind::General, found, needs.next);
    }
    match space::of(path) {
        Ok(space) => rated(space, path, needs),
        Err(reason) => {
            Finding::skipped(Check::Disk, format!("`{}` can't be looked at: {}", path.display(), Foreign(reason)))
        }
    }
}

fn rated(Space { free, total }: Space, path: &Path, Needs { some, least, what, next, .. }: Needs) -> Finding {
    let found = format!("{} of {} are free for {what} at `{}`", bytes(free), bytes(total), path.display());
    match free {
        _ if total == 0 => Finding::skipped(Check::Disk, format!("`{}` has no size", path.display())),
        free if free < least => Finding::problem(Check::Disk, Kind::General, found, next),
        free if free < some => Finding::warning(Check::Disk, found, next),
        _ => Finding::ok(Check::Disk, found),
    }
}

/// A number of bytes, with the unit in which it has one to four digits before the dot.
fn bytes(count: u64) -> String {
    let units = [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")];
    let Some((bits, unit)) = units.into_iter().find(|(bits, _)| count >> bits > 0) else {
        return format!("{count} bytes");
    };
    let tenths = (count >> (bits - 10)).saturating_mul(10) >> 10;
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::State;

    #[test]
    fn little_space_is_told_and_too_little_is_a_problem() {
        let state = |free| rated(Space { free, total: 10 << 30 }, Path::new("/x"), HOME).state;
        assert_eq!([state(1 << 20), state(50 << 20), state(1 << 30)], [State::Problem, State::Warning, State::Ok]);
        assert_eq!(rated(Space { free: 0, total: 0 }, Path::new("/x"), HOME).state, State::Skipped);
        let found = rated(Space { free: 1_610_612_736, total: 10 << 30 }, Path::new("/x"), TEMPORARY).found;
        assert_eq!(found, "1.5 GiB of 10.0 GiB are free for images from a pipe at `/x`");
        assert_eq!(
            [bytes(0), bytes(1023), bytes(1024), bytes(u64::MAX)],
            ["0 bytes", "1023 bytes", "1.0 KiB", "16777215.9 TiB"]
        );
    }
}
