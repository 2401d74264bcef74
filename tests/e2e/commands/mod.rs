//! Fields whose value a program of the user's prints: run where the user allowed it by name, and told in one line where
//! it can't be.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, built_in, push_layout};
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::{Registry, UNUSUAL_PASSWORD, USER};
use crate::support::programs::terminal::{self, Session};

/// A fake of a program, which is a shell script of these lines, first on `PATH`. It notes what it was run with.
fn fake(home: &mut Home, name: &str, script: &str) -> PathBuf {
    let directory = home.path("fakes");
    fs::create_dir_all(&directory).unwrap();
    let program = directory.join(name);
    let log = log(home);
    let script = format!(
        "#!/bin/sh\necho \"$0 $*\" >> {0}\nenv | cut -d= -f1 | grep CRHOST_ >> {0}\npwd >> {0}\n{script}\n",
        log.display()
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    home.prepend_path(&directory);
    program
}

fn log(home: &Home) -> PathBuf {
    home.path("run")
}

/// What fakes were run with.
fn runs(home: &Home) -> Vec<String> {
    fs::read_to_string(log(home)).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// A registry that takes the token as a password, as GitHub's does.
fn registered(home: &Home, registry: &Registry) {
    RegistrySpec::new("gh", "github", &format!("{}/acme", registry.host())).connector("me").register(home);
}

/// A connector for a token of the fake `gh`.
fn token() -> Connector {
    Connector::new("me", "github", "token").field("username", USER)
}

#[test]
fn a_program_that_the_user_allowed_by_name_gives_the_token_of_a_push() {
    let registry = Registry::with_unusual_password();
    let (mut home, image) = Home::with_image();
    let gh = fake(&mut home, "gh", &format!("echo '{UNUSUAL_PASSWORD}'"));
    let gh = gh.display();
    let described = home.ok(&["connector", "describe-type", "github", "-a", "token"]).stdout;
    assert!(described.contains("`gh auth token --hostname={hostname}` with `--allow-command gh`"), "{described}");
    let flavor = home.ok(&["flavor", "describe", "github"]).stdout;
    assert!(flavor.contains("gh auth token"), "{flavor}");
    token().more(&["--allow-command", "gh"]).register(&home);
    assert_eq!(runs(&home), [""; 0], "it runs for calls alone");
    registered(&home, &registry);
    let shown = home.ok(&["connector", "describe", "me"]).stdout;
    assert!(shown.contains(&format!("read from the output of `{gh} auth token --hostname={{hostname}}`")), "{shown}");
    let shown = home.ok(&["connector", "describe", "me", "-o", "json"]).json();
    let source = &shown["fields"][1]["sources"][0]["command"];
    assert_eq!((&source["name"], &source["program"]), (&json!("gh"), &json!(gh.to_string())), "{shown}");
    home.ok(&push_layout("gh", "train"));
    skopeo::assert_same(registry.access(), &format!("{}/acme/train:v1", registry.host()), &image);
    // By its path and with the declared words, without crhost's own variables, and not in the current directory.
    let runs = runs(&home);
    assert_eq!(runs, [format!("{gh} auth token"), "/".to_owned()], "it runs once for a push");
    Needle::new(UNUSUAL_PASSWORD).assert_not_below(&home.path("crhost"));
    // Another program of that name, in front of it, is not the one that was allowed.
    let other = home.path("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("gh"), "#!/bin/sh\necho other\n").unwrap();
    fs::set_permissions(other.join("gh"), fs::Permissions::from_mode(0o755)).unwrap();
    home.prepend_path(&other);
    home.ok(&push_layout("gh", "again"));
}

#[test]
fn a_program_runs_anew_where_what_it_printed_is_refused() {
    let registry = Registry::with_unusual_password();
    let (mut home, _) = Home::with_image();
    // A login that was renewed since.
    let once = home.path("once");
    let script = format!("[ -e {0} ] && echo '{UNUSUAL_PASSWORD}' || {{ : > {0}; echo ghp_stale; }}", once.display());
    fake(&mut home, "gh", &script);
    token().more(&["--allow-command", "gh"]).register(&home);
    registered(&home, &registry);
    home.ok(&push_layout("gh", "train"));
    assert_eq!(runs(&home).len(), 4, "it runs twice");
}

#[test]
fn a_program_runs_for_nobody_who_did_not_allow_it() {
    let mut home = Home::new();
    fake(&mut home, "gh", "echo token");
    let register = ["connector", "register", "me", "--type=github", "--auth-method=token", "--no-verify"];
    let refused = home.fails(2, &register).says("`github/token` needs the field `token`");
    assert!(refused.hint().contains("`--allow-command gh`"), "{}", refused.hint());
    home.fails(2, &[&register[..], &["--allow-implicit"]].concat()).says("needs the field `token`");
    let refused = home.fails(2, &[&register[..], &["--allow-command=hg"]].concat());
    assert_eq!(refused.hint(), "it asks for: `gh`");
    // All that an implicit method reads is no program.
    let implicit = ["connector", "register", "me", "--type=github", "--auth-method=implicit", "--no-verify"];
    home.ok(&[&implicit[..], &["--allow-implicit"]].concat());
    let shown = home.ok(&["connector", "describe", "me"]).stdout;
    assert!(shown.contains("read from $GITHUB_TOKEN, $GH_TOKEN") && !shown.contains("output"), "{shown}");
    home.ok(&["connector", "update", "me", "--allow-command=gh", "--no-verify"]);
    let shown = home.ok(&["connector", "describe", "me"]).stdout;
    assert!(shown.contains("$GH_TOKEN, the output of `/"), "{shown}");
    assert_eq!(runs(&home), [""; 0]);
}

#[test]
fn a_program_that_is_not_there_or_fails_is_told_in_one_line_with_the_next_command() {
    let registry = Registry::with_unusual_password();
    let (mut home, _) = Home::with_image();
    let arguments = ["connector", "register", "me", "--type=gitlab", "--auth-method=personal-token", "--no-verify"];
    let refused = home.fails(3, &[&arguments[..], &["--allow-command=glab"]].concat());
    assert_eq!(refused.error(), "`glab`, which is to give field `token`, is not installed");
    assert!(
        refused.hint().starts_with("install it, and have it in an absolute directory of `PATH`"),
        "{}",
        refused.hint()
    );
    // As `gh` answers without a login (cli/cli, `pkg/cmd/auth/token/token.go`).
    let gh = fake(&mut home, "gh", "echo 'no oauth token found for github.com' >&2; exit 1");
    token().more(&["--allow-command", "gh"]).register(&home);
    registered(&home, &registry);
    let refused = home.fails(4, &push_layout("gh", "train"));
    let words = "gave no value: exit status 1: no oauth token found for github.com";
    assert!(refused.error().starts_with("field `token` of connector `me`: `"), "{}", refused.error());
    assert!(refused.error().ends_with(words), "{}", refused.error());
    assert_eq!(refused.hint(), "log in: `gh auth login --scopes write:packages`");
    for (script, words) in [
        ("true", "it printed nothing"),
        ("head -c 40000 /dev/zero | tr '\\0' x", "it printed more than 32768 bytes"),
        ("yes", "it printed more than 32768 bytes"),
        ("printf 'a\\001b'", "control characters"),
    ] {
        fake(&mut home, "gh", script);
        home.fails(4, &push_layout("gh", "train")).says(words);
    }
    fs::remove_file(&gh).unwrap();
    let refused = home.fails(3, &push_layout("gh", "train"));
    assert!(refused.error().ends_with(&format!("`{}` is not installed any more", gh.display())), "{}", refused.error());
    assert!(refused.hint().contains("--allow-command gh"), "{}", refused.hint());
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}

#[test]
fn a_program_is_asked_for_the_host_that_the_user_names() {
    let registry = Registry::with_unusual_password();
    let (mut home, _) = Home::with_image();
    let gh = fake(&mut home, "gh", &format!("echo '{UNUSUAL_PASSWORD}'"));
    token().field("hostname", "github.example.com").more(&["--allow-command", "gh"]).register(&home);
    registered(&home, &registry);
    home.ok(&push_layout("gh", "train"));
    assert_eq!(runs(&home)[0], format!("{} auth token --hostname=github.example.com", gh.display()));
    let glab = fake(&mut home, "glab", &format!("echo '{UNUSUAL_PASSWORD}'"));
    for (number, (host, named)) in
        [(None, "gitlab.com"), (Some("git.example.com"), "git.example.com")].into_iter().enumerate()
    {
        let id = format!("lab-{number}");
        let connector = Connector::new(&id, "gitlab", "personal-token").more(&["--allow-command", "glab"]);
        let connector = host.iter().fold(connector, |connector, host| connector.field("hostname", host));
        connector.field("username", USER).register(&home);
        RegistrySpec::new(&id, "gitlab", &format!("{}/acme", registry.host())).connector(&id).register(&home);
        home.ok(&["push", "oci:layout:v1", "--to", &id, "--as", "acme/ml/train"]);
        let last = runs(&home).into_iter().rev().nth(1).unwrap();
        assert_eq!(last, format!("{} config get token --host={named}", glab.display()));
    }
}

#[test]
fn each_program_that_is_not_installed_is_told_in_one_line_with_the_next_step() {
    let mut home = Home::new();
    let nowhere = home.path("nowhere");
    fs::create_dir(&nowhere).unwrap();
    let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let mut programs = Vec::new();
    for flavor in built_in() {
        let described = home.ok(&["flavor", "describe", &flavor, "-o", "json"]).json();
        for method in list(&described["description"], "authMethods") {
            let fields = list(&method, "fields");
            let command = |field: &Value| {
                let sources = list(field, "sources");
                sources.iter().find_map(|source| source["command"]["name"].as_str().map(str::to_owned))
            };
            let Some((field, program)) = fields.iter().find_map(|field| Some((field, command(field)?))) else {
                continue;
            };
            let field = field["name"].as_str().unwrap();
            let text = |name: &str| method[name].as_str().unwrap().to_owned();
            home.set("PATH", &nowhere);
            let arguments =
                ["connector", "register", "x", "--no-verify", "--allow-implicit", "--allow-command", &program];
            let mut of = vec![format!("--type={}", text("connectorType")), format!("--auth-method={}", text("name"))];
            let needed =
                fields.iter().filter(|field| field["kind"] == "text" && field["required"] == Value::Bool(true));
            of.extend(needed.map(|field| format!("--{}=x", field["name"].as_str().unwrap())));
            let of: Vec<&str> = of.iter().map(String::as_str).collect();
            let refused = home.fails(3, &[&arguments[..], &of].concat());
            assert_eq!(refused.error(), format!("`{program}`, which is to give field `{field}`, is not installed"));
            assert!(refused.hint().starts_with("install it"), "{}", refused.hint());
            programs.push(program);
        }
    }
    for program in ["az", "aws", "doctl", "gcloud", "gh", "glab"] {
        assert!(programs.iter().any(|known| known == program), "{program}");
    }
}

#[test]
fn any_secret_field_takes_the_output_of_a_program_that_the_user_writes() {
    let registry = Registry::with_unusual_password();
    let (mut home, image) = Home::with_image();
    let vault = fake(&mut home, "vault-fake", &format!("test \"$2\" = 'a b' && echo '{UNUSUAL_PASSWORD}'"));
    let password = Connector::new("me", "docker", "password").field("username", USER);
    password.field("password", "@command:vault-fake read 'a b'").register(&home);
    RegistrySpec::new("own", "default", registry.host()).connector("me").register(&home);
    home.ok(&push_layout("own", "train"));
    skopeo::assert_same(registry.access(), &format!("{}/train:v1", registry.host()), &image);
    let shown = home.ok(&["connector", "describe", "me"]).stdout;
    assert!(shown.contains(&format!("read from the output of `{} read 'a b'`", vault.display())), "{shown}");
    // In place of a value, and a value in its place.
    home.ok(&["connector", "update", "me", "--password=@command:vault-fake read x", "--no-verify"]);
    home.fails(4, &push_layout("own", "other")).says("gave no value");
    home.set("PASSWORD", UNUSUAL_PASSWORD);
    home.ok(&["connector", "update", "me", "--password=@env:PASSWORD", "--no-verify"]);
    home.ok(&push_layout("own", "other"));
    // A file that others write is read at each use.
    let file = home.path("password");
    home.ok(&["connector", "update", "me", &format!("--password=@read:{}", file.display()), "--no-verify"]);
    let shown = home.ok(&["connector", "describe", "me"]).stdout;
    assert!(shown.contains(&format!("read from {}", file.display())), "{shown}");
    home.fails(4, &push_layout("own", "read")).says("is not on this machine; looked for");
    fs::write(&file, "wrong\n").unwrap();
    home.fails(4, &push_layout("own", "read"));
    fs::write(&file, format!("{UNUSUAL_PASSWORD}\n")).unwrap();
    home.ok(&push_layout("own", "read"));
    Needle::new(UNUSUAL_PASSWORD).assert_not_below(&home.path("crhost"));
    for (field, code, words) in [
        ("--password=@read:password", 2, "relative path"),
        ("--username=@read:/etc/hostname", 2, "takes no file that is read at each use"),
        ("--password=@command:./vault read", 2, "relative path"),
        ("--password=@command:vault 'x", 2, "quotes in pairs"),
        ("--password=@command:crhost-no-such-program", 3, "is not installed"),
        ("--username=@command:vault-fake read", 2, "expected a secret field"),
    ] {
        home.fails(code, &["connector", "update", "me", field, "--no-verify"]).says(words);
    }
}

#[test]
fn a_program_may_ask_at_the_terminal_as_for_the_code_of_a_second_factor() {
    let registry = Registry::with_unusual_password();
    let (mut home, _) = Home::with_image();
    // As Python's `getpass` asks.
    let ask = "stty -echo < /dev/tty; printf 'Enter MFA code: ' > /dev/tty; read code < /dev/tty; stty echo < /dev/tty";
    fake(&mut home, "gh", &format!("{ask}; [ \"$code\" = 123456 ] && echo '{UNUSUAL_PASSWORD}'"));
    token().more(&["--allow-command", "gh"]).register(&home);
    registered(&home, &registry);
    // The flavor is called twice, to prepare the push and for the registry's password; the code is good for one use.
    let answers = [("Enter MFA code:", "123456\r")];
    let Session { code, screen } = terminal::converse(home.command(&push_layout("gh", "train")), &answers);
    assert_eq!(code, Some(0), "{screen}");
    assert_eq!(registry.tags(), 1);
}

#[test]
fn the_question_about_a_program_shows_what_runs() {
    let mut home = Home::new();
    fake(&mut home, "gh", "echo token");
    let arguments = ["connector", "register", "-i", "me", "--type=github", "--auth-method=token", "--no-verify"];
    let question = "run `gh auth token --hostname={hostname}` at each use, and take what it prints?";
    let answers = [("username", "\r"), (question, "y"), ("hostname (Host", "\r")];
    let Session { code, screen } = terminal::converse(home.command(&arguments), &answers);
    assert_eq!(code, Some(0), "{screen}");
    let shown = home.ok(&["connector", "describe", "me"]).stdout;
    assert!(shown.contains("read from the output of `/"), "{shown}");
    assert_eq!(runs(&home), [""; 0]);
}
