//! Hints for words that are commands or options of other tools, and not of crhost.

use std::ffi::OsString;

/// The next step of a user who typed a command of docker, skopeo, crane or ZenML below the command `name`; absent for
/// any other word.
pub(super) fn for_command(name: &str, word: &str, words: &[OsString]) -> Option<String> {
    let advice = match name {
        "crhost" if matches!(word, "stack" | "stacks") => return Some(for_stack(words)),
        "crhost" => at_the_top(word)?,
        "crhost registry" => of_registries(word)?,
        "crhost connector" => of_connectors(word)?,
        "crhost integration" => "nothing has to be installed: `crhost flavor list` shows the flavors that are there",
        _ => return None,
    };
    Some(advice.to_owned())
}

/// The next step of a user who left arguments out, where another command may be meant; absent elsewhere.
pub(super) fn for_lack(name: &str) -> Option<&'static str> {
    let of_images = "two images are compared: `crhost diff REF REF`; `crhost apply --dry-run` compares a team's file \
                     with what is registered";
    (name == "crhost diff").then_some(of_images)
}

/// The next step of a user who typed an option of ZenML; absent for any other one.
pub(super) fn for_option(name: &str, option: &str) -> Option<String> {
    let (of_registries, of_connectors) = (name.starts_with("crhost registry "), name.starts_with("crhost connector "));
    let is_list = name.ends_with(" list") || name.ends_with(" list-resources");
    let advice = match option {
        "--label" | "-l" if of_registries || of_connectors => {
            "crhost keeps no labels; the name is what a registry or connector is found by"
        }
        "--secret" | "--authentication-secret" | "--authentication_secret" | "--env" if of_registries => {
            "credentials are in connectors: `crhost connector register`, then `--connector NAME`"
        }
        "--show-secrets" | "-x" if of_connectors => {
            "crhost shows no secret that is stored; `crhost auth token REGISTRY` prints a login"
        }
        "--client" if of_connectors => "`crhost auth token REGISTRY -o json` prints what a client is given",
        "--resource-id" if of_connectors => "`crhost registry verify REGISTRY` verifies a connector with one registry",
        "--page" | "--size" | "--sort-by" | "--sort_by" | "--columns" if is_list => {
            "lists are whole; `--json FIELDS --jq FILTER` chooses of them"
        }
        "--id" | "--name" | "--type" | "--user" | "--created" | "--updated" | "--stack-id" | "--stack_id"
            if is_list =>
        {
            "`--jq FILTER` chooses of a list by any rule"
        }
        _ => return None,
    };
    Some(advice.to_owned())
}

/// crhost has no stacks: a registry is used by itself. The registry of the command line stands in the hint.
fn for_stack(words: &[OsString]) -> String {
    let words: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
    let options = ["-c", "--container-registry", "--container_registry"];
    let named = words.iter().enumerate().find_map(|(at, word)| match word.split_once('=') {
        Some((option, value)) if options.contains(&option) => Some(value),
        _ if options.contains(word) => words.get(at + 1).copied(),
        _ => None,
    });
    let is_name = |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let name = named.filter(is_name).unwrap_or("NAME");
    format!("there are no stacks: `crhost registry use {name}` makes a registry the default of every push")
}

fn at_the_top(word: &str) -> Option<&'static str> {
    Some(match word {
        "run" | "load" | "save" | "cp" | "copy" => {
            "crhost only pushes: `crhost push IMAGE` takes what docker, podman, skopeo or buildx made"
        }
        "images" | "image" => "`docker images` lists the images that `crhost push` can take from the Docker daemon",
        "context" => "there is no configuration file: `crhost registry use NAME` chooses the default registry",
        "ls" | "list" | "ps" => {
            "`crhost tags REPO` lists tags, `crhost repos REGISTRY` repositories, `crhost registry list` registries"
        }
        "rm" | "remove" | "rmi" => {
            "`crhost delete REF` deletes an image in a registry, `crhost registry remove` forgets one"
        }
        "describe" | "get" => "`crhost inspect REF` shows an image, `crhost registry describe NAME` a registry",
        "status" => "`crhost auth status` shows who you are at each registry",
        "connect" => "`crhost registry connect NAME --connector CONNECTOR` has a registry use a connector",
        "disconnect" => "`crhost registry disconnect NAME` has a registry use no connector",
        "init" | "up" | "down" | "project" | "user" | "clean" => {
            "crhost has no project: its state is this user's, and is there with the first command"
        }
        "secret" | "secrets" => "secrets are the fields of connectors: `crhost connector register`",
        "pipeline" | "model" | "artifact" | "orchestrator" | "artifact-store" | "code-repository" | "image-builder"
        | "step-operator" | "experiment-tracker" | "model-deployer" | "feature-store" | "alerter" => {
            "of ZenML's commands, crhost has those about container registries and service connectors"
        }
        _ => return None,
    })
}

fn of_registries(word: &str) -> Option<&'static str> {
    Some(match word {
        "remove-attribute" => "`crhost registry update NAME --remove-option OPTION` gives an option its default back",
        "explain" => "`crhost flavor list` shows the kinds of registries, `crhost flavor describe FLAVOR` one of them",
        "login" => "`crhost login REGISTRY` writes a login, `crhost docker install` has Docker ask crhost for it",
        "deploy" | "up" | "down" | "logs" => "registries run elsewhere; `crhost serve` runs one for development",
        "set" => "`crhost registry use NAME` sets the default registry",
        _ => return None,
    })
}

fn of_connectors(word: &str) -> Option<&'static str> {
    Some(match word {
        "connect" => "`crhost registry connect REGISTRY --connector NAME` has a registry use a connector",
        "rename" => "`crhost connector update NAME --name NEW` gives a connector another name",
        "logout" => "`crhost logout REGISTRY` takes a login away",
        _ => return None,
    })
}
