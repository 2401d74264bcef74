//! `cargo xtask setup`: provides what is missing, and says in one line per thing what it did or found.

use crate::failure::{Failure, Result};
use crate::{cargo_component, docker, packages, peers, postgres, toolchains, wasm_toolchain};

/// Who asks, which decides what must be there in the end.
#[derive(Clone, Copy)]
pub(crate) enum For {
    /// The demo: it can do without the judges from elsewhere.
    Demo,
    /// The tests: they need everything; `full` adds what takes minutes to build.
    Tests {
        /// Whether cargo-component and the toolchains of other languages are wanted too.
        full: bool,
    },
}

/// Tries every part, even after one has failed: one run shows all that is left to do.
pub(crate) fn run(asker: For) -> Result<()> {
    let mut missing = Vec::new();
    let mut need = |name: &'static str, outcome: Result<()>| {
        if let Err(failure) = outcome {
            eprintln!("{failure}");
            missing.push(name);
        }
    };
    need("wasm targets", wasm_toolchain::provide());
    need("Docker daemon", docker::provide());
    let registry = packages::provide("docker-registry", "docker-registry");
    let skopeo = packages::provide("skopeo", "skopeo");
    match asker {
        For::Demo => {
            for optional in [registry, skopeo] {
                optional.unwrap_or_else(|failure| eprintln!("setup: the demo does without it: {}", failure.what()));
            }
        }
        For::Tests { full } => {
            need("docker-registry", registry);
            need("skopeo", skopeo);
            need("podman", packages::provide("podman", "podman"));
            need("buildah", packages::provide("buildah", "buildah"));
            // Makes keys and judges signatures.
            need("openssl", packages::provide("openssl", "openssl"));
            // A keyring, and the session that it lives in.
            need("gnome-keyring", packages::provide("gnome-keyring-daemon", "gnome-keyring"));
            need("dbus", packages::provide("dbus-run-session", "dbus"));
            // Shells that complete command lines, and readers of manual pages.
            need("zsh", packages::provide("zsh", "zsh"));
            need("fish", packages::provide("fish", "fish"));
            need("man", packages::provide("man", "man-db"));
            need("groff", packages::provide("groff", "groff"));
            need("mandoc", packages::provide("mandoc", "mandoc"));
            // Judges units.
            need("systemd-analyze", packages::provide("systemd-analyze", "systemd"));
            // The store's second home.
            need("PostgreSQL", postgres::provide());
            // Sets clocks of servers apart.
            need("faketime", packages::provide("faketime", "faketime"));
            need("Python peers", peers::provide());
            if full {
                need("cargo-component", cargo_component::provide());
                need("componentize-py, Zig, Go", toolchains::provide_python());
                need("jco", toolchains::provide_node());
            }
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("the set-up is incomplete: {}", missing.join(", ")))
        .hint("follow the lines above, then run `cargo xtask setup` again"))
}
