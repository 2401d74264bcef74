//! Hints for words that are commands of other tools, and not of crhost.

/// The next step of a user who typed a command of docker, skopeo, crane or ZenML; absent for any other word.
pub(super) fn for_foreign_command(word: &str) -> Option<&'static str> {
    Some(match word {
        "pull" | "run" | "build" | "load" | "save" | "cp" | "copy" => {
            "crhost only pushes: `crhost push IMAGE` takes what docker, podman, skopeo or buildx made"
        }
        "images" | "image" => "`docker images` lists the images that `crhost push` can take from the Docker daemon",
        "tag" => "`crhost push IMAGE --as REPOSITORY:TAG` names the image, each `--tag TAG` adds a tag",
        "config" | "context" | "stack" => {
            "there is no configuration file: `crhost registry use NAME` chooses the default registry"
        }
        "version" => "`crhost --version` shows the version",
        "ls" | "list" | "ps" => "`crhost registry list`, `crhost connector list` and `crhost flavor list` are there",
        "rm" | "remove" | "delete" | "rmi" => "`crhost registry remove` and `crhost connector remove` forget one",
        "registries" => "`crhost registry list` shows them",
        "connectors" => "`crhost connector list` shows them",
        "flavors" => "`crhost flavor list` shows them",
        "inspect" | "describe" | "get" => "`crhost registry describe NAME` shows a registry",
        "integration" => "nothing has to be installed: the flavors are built in",
        _ => return None,
    })
}
