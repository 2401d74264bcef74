//! The cache of compiled code. Whatever happens to it, answers are right; and it is used only where no other user could
//! have changed it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::support::programs::components;
use crate::support::programs::crhost::{Home, repository};
use crate::support::programs::process::{self, Finished};
use crate::support::programs::tree::files;
use crate::support::skip::{Capability, skip};

/// Damages the content of a file.
type Damage<'a> = &'a dyn Fn(&[u8]) -> Vec<u8>;

/// The directory of compiled code below a home.
const DIRECTORY: &str = "crhost/cache/compiled";

/// A home with a registered flavor.
fn home() -> Home {
    let home = Home::without_cache();
    fs::write(home.path("it.wasm"), components::flavor("")).unwrap();
    home.ok(&["flavor", "register", "it.wasm"]);
    home
}

/// The answers of a built-in flavor and of the registered one, which are compiled for that.
#[track_caller]
fn answers(home: &Home) -> [Finished; 2] {
    ["default", "drawback"].map(|flavor| {
        let answer = home.ok(&["registry", "register", "it", "--flavor", flavor, "--uri", "localhost:5000"]);
        home.ok(&["registry", "remove", "it"]);
        answer
    })
}

/// What is the same in every home and at every time.
fn same(answer: &Finished) -> String {
    answer.stderr.lines().filter(|line| line.starts_with("registered")).collect()
}

/// Whether it warns of something.
fn warns(answer: &Finished) -> bool {
    answer.stderr.lines().any(|line| line.starts_with("warning"))
}

/// Expects the right answers, and a warning with a hint.
#[track_caller]
fn assert_not_used(home: &Home, reason: &str) {
    static RIGHT: OnceLock<[String; 2]> = OnceLock::new();
    let right = RIGHT.get_or_init(|| answers(&self::home()).map(|answer| same(&answer)));
    for (answer, right) in answers(home).into_iter().zip(right) {
        assert_eq!(same(&answer), *right);
        let [warning, hint] = ["warning: compiled flavors are not kept in", "hint: "].map(|word| {
            let line = answer.stderr.lines().find(|line| line.starts_with(word));
            line.unwrap_or_else(|| panic!("no line says `{word}`{answer}")).to_owned()
        });
        assert!(warning.contains(reason) && !hint.is_empty(), "{answer}");
    }
}

/// The files of compiled code.
fn code(home: &Home) -> Vec<PathBuf> {
    files(&home.path(DIRECTORY).join("code/modules")).into_iter().filter(|path| path.extension().is_none()).collect()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// A Zstandard frame with some bytes as they are (RFC 8878, section 3.1).
fn zstd(content: &[u8]) -> Vec<u8> {
    let size = u8::try_from(content.len()).unwrap();
    // One block, which is the last, raw, and as large as the frame.
    let block = (u32::from(size) << 3 | 1).to_le_bytes();
    [&b"\x28\xb5\x2f\xfd\x20"[..], &[size], &block[..3], content].concat()
}

#[test]
fn damaged_code_is_made_anew() {
    let home = home();
    let right = answers(&home).map(|answer| same(&answer));
    let good: Vec<_> = code(&home).into_iter().map(|path| (fs::read(&path).unwrap(), path)).collect();
    assert_eq!(good.len(), 2, "{good:?}");
    let elf = fs::read("/proc/self/exe").unwrap();
    let flipped = |bytes: &[u8], part: usize| {
        let mut bytes = bytes.to_vec();
        let at = bytes.len() * part / 8;
        bytes[at] ^= 1;
        bytes
    };
    let damages: [Damage<'_>; 10] = [
        &|_| Vec::new(),
        &|bytes| bytes[..bytes.len() / 2].to_vec(),
        &|bytes| bytes[..bytes.len() - 1].to_vec(),
        &|bytes| vec![0xa5; bytes.len()],
        &|bytes| [b"junk", bytes].concat(),
        &|_| zstd(b"junk"),
        &|_| zstd(&elf[..200]),
        // The runtime itself notices few of these.
        &|bytes| flipped(bytes, 1),
        &|bytes| flipped(bytes, 4),
        &|bytes| flipped(bytes, 7),
    ];
    for (number, damage) in damages.iter().enumerate() {
        for (bytes, path) in &good {
            fs::write(path, damage(bytes)).unwrap();
        }
        for (answer, right) in answers(&home).into_iter().zip(&right) {
            assert_eq!(same(&answer), *right, "damage {number}");
            assert!(!answer.stderr.contains("panicked"), "damage {number}{answer}");
        }
        for (bytes, path) in &good {
            assert_ne!(fs::read(path).unwrap(), damage(bytes), "damage {number} is still there");
        }
    }
}

#[test]
fn code_is_kept_for_one_version_of_the_compiler() {
    let home = home();
    let lock = fs::read_to_string(repository().join("Cargo.lock")).unwrap();
    let version = lock.split("name = \"wasmtime\"\nversion = \"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(version.split('.').count(), 3, "{version}");
    let versions = fs::read_dir(home.path(DIRECTORY).join("code/modules")).unwrap();
    let versions: Vec<_> = versions.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(versions, [format!("wasmtime-{version}")]);
}

#[test]
fn a_directory_that_others_can_write_to_is_not_used() {
    for (below, mode) in [(DIRECTORY, 0o770), (DIRECTORY, 0o702), ("crhost/cache", 0o770)] {
        let home = home();
        set_mode(&home.path(below), mode);
        let before = files(&home.path(DIRECTORY));
        assert_not_used(&home, "others can write to");
        assert_eq!(files(&home.path(DIRECTORY)), before, "it is used");
        // As the hint says.
        fs::remove_dir_all(home.path(below)).unwrap();
        assert_eq!(answers(&home).map(|answer| warns(&answer)), [false, false]);
        assert_eq!(code(&home).len(), 2);
    }
}

#[test]
fn a_directory_in_a_place_for_everybody_is_not_used() {
    let home = home();
    let shared = home.path("shared");
    fs::create_dir(&shared).unwrap();
    let mut home = home;
    home.set("XDG_CACHE_HOME", &shared);
    home.set("XDG_DATA_HOME", home.path("crhost"));
    home.set("CRHOST_HOME", "");
    set_mode(&shared, 0o777);
    // This store has no flavor of its own.
    let answer =
        |name: &str| home.ok(&["registry", "register", name, "--flavor=default", "--uri=localhost:5000", "-o", "json"]);
    for name in ["one", "two"] {
        let answer = answer(name);
        assert!(answer.stderr.contains("others can replace what is in"), "{answer}");
        assert!(files(&shared).is_empty(), "it is used");
    }
    // As `/tmp` is.
    set_mode(&shared, 0o1777);
    assert!(!warns(&answer("three")));
    assert!(!files(&shared).is_empty());
}

#[test]
fn a_symbolic_link_is_not_followed() {
    let home = home();
    for below in [DIRECTORY, "crhost/cache"] {
        let directory = home.path(below);
        fs::remove_dir_all(&directory).unwrap();
        let elsewhere = home.path("elsewhere");
        fs::create_dir_all(elsewhere.join("compiled")).unwrap();
        set_mode(&elsewhere, 0o700);
        set_mode(&elsewhere.join("compiled"), 0o700);
        symlink(&elsewhere, &directory).unwrap();
        assert_not_used(&home, "no directory of its own");
        assert!(files(&elsewhere).is_empty(), "it is used");
        fs::remove_file(&directory).unwrap();
    }
    fs::create_dir_all(home.path(DIRECTORY)).unwrap();
    set_mode(&home.path("crhost/cache"), 0o700);
    set_mode(&home.path(DIRECTORY), 0o700);
    symlink("elsewhere", home.path(DIRECTORY).join("code")).unwrap();
    assert_not_used(&home, "is not from crhost");
}

#[test]
fn what_another_user_made_is_not_used() {
    let home = home();
    let file = code(&home).remove(0);
    if std::os::unix::fs::chown(&file, Some(1), None).is_err() {
        return skip(Capability::Root, "only root can give files away");
    }
    assert_not_used(&home, "belongs to another user");
}

#[test]
fn a_careless_umask_opens_nothing() {
    let home = Home::without_cache();
    fs::write(home.path("it.wasm"), components::flavor("")).unwrap();
    for _ in 0..2 {
        let command = home.command(&["flavor", "register", "it.wasm"]);
        let mut shell = Command::new("sh");
        shell.args(["-c", r#"umask 000; exec "$0" "$@""#]).arg(command.get_program()).args(command.get_args());
        shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let registered = process::run(shell.current_dir(command.get_current_dir().unwrap())).ok();
        assert!(!registered.stderr.contains("warning"), "{registered}");
    }
    assert_eq!(code(&home).len(), 1);
    for directory in ["crhost/cache", DIRECTORY] {
        let mode = fs::metadata(home.path(directory)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{directory}");
    }
}

#[test]
fn compiled_code_is_not_taken_from_outside() {
    let home = home();
    // A program, and what is in the cache itself.
    for file in [PathBuf::from("/bin/sh"), code(&home).remove(0)] {
        fs::copy(file, home.path("it.wasm")).unwrap();
        home.fails(7, &["flavor", "register", "it.wasm"]).says("expected a WebAssembly component");
    }
    answers(&home);
}
