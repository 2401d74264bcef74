//! Components that are hard to compile. Each is compiled by a process of its own, which may not take more than its time
//! and memory, and crhost says so; whatever happens there, crhost itself stays small, and nothing stays behind.

mod bombs;
mod raised;

use std::fs::{self, Permissions};
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::support::eventually::eventually;
use crate::support::programs::components;
use crate::support::programs::crhost::Home;
use crate::support::programs::process::{self, peak_memory};

/// The memory that crhost itself may take, in bytes, whatever component it is given.
const OWN_MEMORY: u64 = 300 << 20;

/// What refuses a component whose compilation takes too much.
const TOO_MUCH: [&str; 3] = [
    "compiling it takes more than 120 s of processor time",
    "it needs more than 2048 MiB to be compiled",
    "it needs more than 256 MiB to be loaded once it is compiled",
];

/// What refuses one that is compiled after all.
const NO_FLAVOR: &str = "it does not fit the contract: `describe` is not exported";

/// A run of crhost, watched from outside.
struct Watched {
    child: Child,
    /// The most memory that crhost itself had, in bytes.
    memory: u64,
}

impl Watched {
    fn register(home: &Home, file: &str) -> Self {
        // The user's own limit goes first: nobody waits two minutes for a test.
        let register = home.command(&["flavor", "register", file]);
        let mut command = Command::new("sh");
        command.args(["-c", r#"ulimit -t 31; exec "$0" "$@""#]).arg(register.get_program()).args(register.get_args());
        command.env_clear().envs(register.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.current_dir(register.get_current_dir().unwrap());
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        Self { child, memory: 0 }
    }

    /// Looks on until `done`, and gives that.
    #[track_caller]
    fn until<T>(&mut self, mut done: impl FnMut(&mut Child) -> Option<T>) -> T {
        eventually("crhost compiles, or ends", || {
            self.memory = self.memory.max(peak_memory(self.child.id()).unwrap_or(0));
            done(&mut self.child)
        })
    }

    /// Its exit code, and what it told.
    #[track_caller]
    fn end(&mut self) -> (Option<i32>, String) {
        let status = self.until(|child| child.try_wait().unwrap());
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        (status.code(), stderr)
    }
}

/// All processes: their directories below `/proc`, and their command lines.
fn processes() -> impl Iterator<Item = (PathBuf, String)> {
    let directories = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
    directories.filter_map(|directory| {
        let line = fs::read(directory.join("cmdline")).ok()?;
        Some((directory, String::from_utf8_lossy(&line).replace('\0', " ")))
    })
}

fn is_compiler(line: &str, home: &Home) -> bool {
    line.contains("compile-component") && line.contains(home.path("crhost").to_str().unwrap())
}

/// The processes that compile for a home.
fn compilers(home: &Home) -> Vec<String> {
    processes().map(|(_, line)| line).filter(|line| is_compiler(line, home)).collect()
}

/// Waits until no process compiles for a home any more.
#[track_caller]
fn assert_no_compilers(home: &Home) {
    eventually("the compiler's process ends", || compilers(home).is_empty().then_some(()));
}

/// Registers a component, which has to be refused in one of these ways, and then an honest one in the same home.
#[track_caller]
fn assert_refused(component: &[u8], ways: &[&str]) {
    let home = Home::without_cache();
    fs::write(home.path("it.wasm"), bombs::named_as_a_flavor(component)).unwrap();
    let mut run = Watched::register(&home, "it.wasm");
    let (code, stderr) = run.end();
    assert_eq!(code, Some(7), "{stderr}");
    assert!(ways.iter().any(|way| stderr.contains(way)), "expected one of {ways:?}, found: {stderr}");
    assert!(stderr.contains("hint: "), "no hint: {stderr}");
    assert!((1..OWN_MEMORY).contains(&run.memory), "it took {} bytes", run.memory);
    assert_eq!(compilers(&home), [""; 0]);
    assert_eq!(fs::read_dir(home.path("crhost/components/sha256")).unwrap().count(), 0, "something is kept");
    fs::write(home.path("it.wasm"), components::flavor("")).unwrap();
    home.ok(&["flavor", "register", "it.wasm"]);
}

/// Either of the two.
const TOO_MUCH_OR_NO_FLAVOR: [&str; 4] = [TOO_MUCH[0], TOO_MUCH[1], TOO_MUCH[2], NO_FLAVOR];

#[test]
fn a_large_function_is_compiled_or_refused() {
    assert_refused(&bombs::large_function(8 << 20), &["function body size"]);
    assert_refused(&bombs::large_function(7 << 20), &TOO_MUCH_OR_NO_FLAVOR);
}

#[test]
fn a_function_that_takes_for_ever_is_refused() {
    assert_refused(&bombs::large_function_of_floats(7 << 20), &TOO_MUCH);
}

#[test]
fn many_locals_are_compiled_or_refused() {
    assert_refused(&bombs::locals_in_loops(50_000, 0), &[NO_FLAVOR]);
    assert_refused(&bombs::locals_in_loops(50_000, 500), &TOO_MUCH);
}

#[test]
fn many_functions_are_compiled_or_refused() {
    assert_refused(&bombs::many_functions(8_000_000), &["functions count exceeds"]);
    assert_refused(&bombs::many_functions(999_999), &TOO_MUCH);
    assert_refused(&bombs::functions(2_500, 12 << 10), &TOO_MUCH_OR_NO_FLAVOR);
}

#[test]
fn deep_nesting_is_compiled_or_refused() {
    assert_refused(&bombs::nested_loops(2_400_000), &TOO_MUCH);
    assert_refused(&bombs::nested_conditions(20_000), &TOO_MUCH_OR_NO_FLAVOR);
}

#[test]
fn jump_tables_are_compiled_or_refused() {
    assert_refused(&bombs::jump_tables(1, 1_000_000), &["`br_table` has 1000000 targets"]);
    assert_refused(&bombs::jump_tables(100, 65_000), &TOO_MUCH_OR_NO_FLAVOR);
}

#[test]
fn many_modules_are_refused() {
    assert_refused(&bombs::modules(1_000_000), &["modules count exceeds"]);
}

#[test]
fn types_that_grow_without_end_are_refused() {
    assert_refused(&bombs::doubled_tuples(60), &["effective type size exceeds"]);
    assert_refused(&bombs::doubled_instance_types(60), &["effective type size exceeds"]);
    assert_refused(&bombs::doubled_component_types(60), &["effective type size exceeds"]);
    assert_refused(&bombs::nested_lists(900_000), &["type nesting is too deep"]);
}

#[test]
fn instances_that_double_are_compiled_or_refused() {
    assert_refused(&bombs::doubled_instances(12), &[NO_FLAVOR]);
    // Compiled in seconds, but too much to be loaded.
    assert_refused(&bombs::doubled_instances(22), &TOO_MUCH);
    assert_refused(&bombs::doubled_instances(40), &TOO_MUCH);
}

#[test]
fn components_within_components_are_compiled_or_refused() {
    assert_refused(&bombs::nested_components(1_000), &[NO_FLAVOR]);
    assert_refused(&bombs::nested_components(40_000), &TOO_MUCH);
}

#[test]
fn without_a_cache_the_limits_are_the_same() {
    let home = Home::without_cache();
    home.ok(&["flavor", "list"]);
    fs::set_permissions(home.path("crhost/cache/compiled"), Permissions::from_mode(0o777)).unwrap();
    fs::write(home.path("it.wasm"), bombs::named_as_a_flavor(&bombs::nested_components(40_000))).unwrap();
    let refused = home.fails(7, &["flavor", "register", "it.wasm"]);
    assert!(TOO_MUCH.iter().any(|way| refused.error().contains(way)), "{}", *refused);
    fs::write(home.path("it.wasm"), components::flavor("")).unwrap();
    home.ok(&["flavor", "register", "it.wasm"]);
}

#[test]
fn only_the_unknown_is_compiled_in_a_process_of_its_own() {
    let mut home = Home::without_cache();
    home.set("CRHOST_LOG", "crhost=debug");
    fs::write(home.path("it.wasm"), components::flavor("")).unwrap();
    let starts_one = |arguments: &[&str]| home.run(arguments).stderr.contains("in a process of its own");
    let runs = |name: &str, flavor: &str| {
        starts_one(&["registry", "register", name, "--flavor", flavor, "--uri", "localhost:5000/acme"])
    };
    assert!(!runs("a", "default"));
    assert!(starts_one(&["flavor", "register", "it.wasm"]));
    assert!(!starts_one(&["flavor", "register", "it.wasm"]));
    assert!(!runs("b", "drawback"));
    // What was compiled can go at any time: it is known that it does no harm.
    fs::remove_dir_all(home.path("crhost/cache/compiled/code")).unwrap();
    assert!(!runs("c", "drawback"));
    fs::remove_dir_all(home.path("crhost/cache")).unwrap();
    assert!(runs("d", "drawback"));
}

/// Starts crhost on a component that takes for ever, in an environment with a secret, and waits until it is compiled.
#[track_caller]
fn start_compiling(home: &mut Home) -> Watched {
    home.set("SECRET", "canary");
    let component = bombs::large_function_of_floats(7 << 20);
    fs::write(home.path("it.wasm"), bombs::named_as_a_flavor(&component)).unwrap();
    let mut run = Watched::register(home, "it.wasm");
    run.until(|_| (!compilers(home).is_empty()).then_some(()));
    run
}

#[test]
fn a_compiler_gets_nothing_of_the_environment() {
    let mut home = Home::without_cache();
    let mut run = start_compiling(&mut home);
    let compiler = run.until(|_| processes().find(|(_, line)| is_compiler(line, &home)));
    let environment = fs::read(compiler.0.join("environ")).unwrap();
    let environment = String::from_utf8_lossy(&environment);
    assert!(environment.starts_with("RAYON_NUM_THREADS=") && environment.matches('=').count() == 1, "{environment}");
    run.child.kill().unwrap();
    run.child.wait().unwrap();
    assert_no_compilers(&home);
}

#[test]
fn an_interrupt_ends_the_compiler_too() {
    let mut home = Home::without_cache();
    let mut run = start_compiling(&mut home);
    process::tool("kill", ["-INT", &run.child.id().to_string()]).ok();
    let (code, stderr) = run.end();
    assert_eq!((code, stderr.trim()), (Some(130), "compiling flavor `it.wasm` (8 MB), once\ninterrupted"));
    assert_no_compilers(&home);
}

#[test]
fn a_compiler_does_not_outlive_crhost() {
    let mut home = Home::without_cache();
    let mut run = start_compiling(&mut home);
    run.child.kill().unwrap();
    run.child.wait().unwrap();
    assert_no_compilers(&home);
}
