//! The rules that the sources are held to: one table, which `docs/architecture.md` shows.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};

/// Longest source file, in lines: what a reader keeps in mind at once, and what a review can judge whole.
pub(crate) const MAX_LINES: usize = 300;

/// Widest line with a comment, in columns: what `rustfmt.toml` sets for code. rustfmt does not look at comments.
pub(crate) const MAX_COLUMNS: usize = 120;

/// Files that a program writes.
pub(crate) const GENERATED: [&str; 2] = ["flavors/sdk/src/bindings.rs", "flavors/sdk/src/policy_bindings.rs"];

/// Where sources are whose size is checked.
pub(crate) const SOURCES: [&str; 4] = ["host", "flavors", "tests", "xtask"];

/// The crate that [`LAYERS`] describe.
pub(crate) const LAYERED_CRATE: &str = "host";

/// Crates without flavors and policies: each of those is found by its directory.
const CRATES: [&str; 5] = [LAYERED_CRATE, "host/explain", "host/gzip", "tests/conformance", "xtask"];

/// Modules of one height, which do not import each other.
pub(crate) struct Layer {
    /// What they have in common.
    pub(crate) name: &'static str,
    /// Each with what it is for.
    pub(crate) modules: &'static [(&'static str, &'static str)],
}

/// The modules of the crate `crhost`, from top to bottom. A module imports from layers below its own only.
pub(crate) const LAYERS: &[Layer] = &[
    Layer {
        name: "entry points",
        modules: &[
            ("cli", "reads arguments, calls the use cases, shows the results; nothing else prints"),
            ("bench", "what `host/benches` measures"),
            ("fuzzing", "what the fuzz targets check"),
        ],
    },
    Layer {
        name: "use cases",
        modules: &[(
            "configuration",
            "what is registered as a file: read, compared, applied in one transaction, written",
        )],
    },
    Layer {
        name: "use cases",
        modules: &[
            ("components", "flavors and policies in registries: published, fetched, found by version and in an index"),
            ("doctor", "examines everything that the other use cases need, and changes nothing"),
        ],
    },
    Layer {
        name: "use cases",
        modules: &[
            ("kubernetes", "serves clusters: Secrets that pull images, answers to the kubelet, manifests of workloads"),
            ("server", "gives a team logins: callers by id tokens, rules, flavors in its sandbox"),
            ("pull", "receives an image: into the Docker daemon, an OCI layout or an archive"),
            ("sync", "keeps whole repositories of one registry as they are in another"),
            ("edit", "changes what a registry has: tags, deletions, annotations, indexes"),
        ],
    },
    Layer {
        name: "use cases",
        modules: &[("copy", "moves images from one registry to another, with what belongs to them")],
    },
    Layer {
        name: "use cases",
        modules: &[
            ("prune", "deletes what is old or unused, and nothing that an image needs: graph, plan, check"),
            ("build", "has an image built: by the Docker daemon, or by a program"),
            ("policy_check", "asks policies about an image in a registry, and changes nothing"),
            ("push", "sends an image: session, plan, layers, manifest, tags"),
            ("clients", "serves other clients: answers as their credential helper, edits their files"),
        ],
    },
    Layer {
        name: "use cases",
        modules: &[("supply_chain", "what belongs to an image: attaches, lists, signs, verifies")],
    },
    Layer {
        name: "use cases",
        modules: &[("inspect", "looks at images: lists, digests, manifests, files, differences")],
    },
    Layer {
        name: "use cases",
        modules: &[
            ("cleanup", "lists and deletes, by the flavor or by the registry's own protocol"),
            ("flavor_test", "tests a component that is a file against the rules for flavors; stores nothing"),
        ],
    },
    Layer {
        name: "use cases",
        modules: &[
            ("flavor_call", "calls one export of a component that is a file; stores nothing"),
            ("session", "an open repository or registry: credentials of one purpose, renewed while it works"),
            ("remote", "images of a registry as sources: manifests, and blobs that survive cut connections"),
        ],
    },
    Layer {
        name: "use cases",
        modules: &[
            ("registry", "registries: register, select, find by name, change, verify"),
            ("retrying", "requests that are made again, and small ones side by side"),
        ],
    },
    Layer { name: "use cases", modules: &[("access", "opens a registry: preparation and credentials by its flavor")] },
    Layer {
        name: "use cases",
        modules: &[
            ("connector", "stored credentials: register, change, verify, show"),
            ("policy", "policies: register, change, and ask them before images are pushed, copied or deleted"),
        ],
    },
    Layer {
        name: "use cases",
        modules: &[
            ("catalog", "the flavors that there are: built in and registered"),
            ("scaffold", "writes the projects of new flavors, from templates"),
        ],
    },
    Layer {
        name: "adapters",
        modules: &[
            ("fixtures", "exchanges of a component with services as files: recorded without secrets, played back"),
            ("flavor", "runs components: engine, limits, admission, contract versions, secrets"),
            ("source", "reads images: daemon, archive, layout, Podman's storage"),
            ("distribution", "speaks the OCI distribution protocol to a registry"),
            ("store", "keeps flavors, registries, connectors and caches, in SQLite or PostgreSQL"),
            ("serve", "a registry for development"),
        ],
    },
    Layer {
        name: "adapters",
        modules: &[
            ("docker", "Docker's daemon, contexts, configuration and credential helpers"),
            ("egress", "the only way from a flavor to the network: policy and client"),
            ("implicit_sources", "what the machine offers without a stored secret: files, variables, programs"),
            ("telemetry", "sends the spans of a trace to the collector that the environment names"),
            ("server_client", "asks a crhost server for logins"),
        ],
    },
    Layer {
        name: "adapters",
        modules: &[("id_token", "id tokens of this machine, from the platforms that issue them")],
    },
    Layer {
        name: "connections",
        modules: &[("network", "connections: names of this machine, proxies, TLS that verifies servers")],
    },
    Layer {
        name: "shared vocabulary",
        modules: &[("certificates", "authorities of the user's own: `certs.d`, PEM files")],
    },
    Layer {
        name: "shared vocabulary",
        modules: &[
            ("environment", "the process's environment, read once"),
            ("files", "private, trusted and atomic files"),
            ("format_version", "the version of crhost's own file formats"),
            ("grant", "what a flavor may reach: patterns, targets, grants"),
            ("shard", "parts of work for several machines"),
            ("signature", "keys and signatures as cosign has them"),
        ],
    },
    Layer {
        name: "shared vocabulary",
        modules: &[
            ("address", "which network addresses are public"),
            ("bounded", "readers that stop at a limit"),
            ("credential", "what opens a registry"),
            ("image", "references, digests, manifests, platforms"),
            ("patterns", "patterns of names: of tags, of repositories"),
            ("process", "programs that the user names: their end, and the lines of their output"),
        ],
    },
    Layer { name: "shared vocabulary", modules: &[("json", "reads JSON that others write, with their habits")] },
    Layer {
        name: "shared vocabulary",
        modules: &[
            ("error", "kinds and hints of errors"),
            ("spans", "the spans of a trace, and what they say"),
            ("stopped", "why work ends before its time"),
            ("waiting", "the sides that the process waits for, for a display"),
        ],
    },
    Layer {
        name: "shared vocabulary",
        modules: &[("text", "text from outside, as a type that is shown escaped, and times as they are shown")],
    },
];

/// The directories of all crates whose graphs are checked, relative to the repository.
///
/// # Errors
/// When `flavors/` can't be read.
pub(crate) fn crates(root: &Path) -> Result<Vec<PathBuf>> {
    let mut crates: Vec<PathBuf> = CRATES.iter().map(PathBuf::from).collect();
    for directory in ["flavors", "flavors/policies"] {
        let directory = Path::new(directory);
        for entry in fs::read_dir(root.join(directory)).map_err(Failure::io("read", directory))? {
            let entry = entry.map_err(Failure::io("read", directory))?;
            if entry.path().join("Cargo.toml").is_file() {
                crates.push(directory.join(entry.file_name()));
            }
        }
    }
    crates.sort();
    Ok(crates)
}
