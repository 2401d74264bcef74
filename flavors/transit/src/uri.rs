//! URIs of keys: `host[:port]/<mount>/<key>`, where a mount may have several components.

use crhost_flavor::uri::{RegistryUri, Rules};
use crhost_flavor::{AcceptedUri, Failure};

/// Most components of a mount: requests name their paths, which the user reads.
pub(crate) const MOUNT_COMPONENTS: usize = 3;

/// The server runs on any host that is not known to be a registry's.
pub(crate) const RULES: Rules = Rules {
    flavor: "transit",
    example: "bao.example.com:8200/transit/crhost",
    no_host: |path| format!("write `bao.example.com:8200/transit/{}`", path.rsplit('/').next().unwrap_or("crhost")),
    lower_case: "",
    not_ours: Some(|uri| Failure::invalid_input(format!("`{}` is no OpenBao and no Vault", uri.host()))),
    grammar,
};

/// A key of an engine.
pub(crate) struct Key<'a> {
    /// Where the engine is mounted.
    pub(crate) mount: String,
    /// The key's name.
    pub(crate) name: &'a str,
}

impl<'a> Key<'a> {
    /// The key of a URI's path.
    pub(crate) fn of(path: &'a str) -> Option<Self> {
        let (mount, name) = path.rsplit_once('/')?;
        (!mount.is_empty() && mount.split('/').count() <= MOUNT_COMPONENTS)
            .then(|| Self { mount: mount.to_owned(), name })
    }
}

fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let path = uri.path();
    let wrong = |hint: String| {
        Err(Failure::invalid_input(format!("`{uri}` names no key, expected `host/mount/key`")).hint(hint))
    };
    match path.as_slice() {
        // An address of the API or of the web interface, which users copy.
        ["v1", rest @ ..] | ["ui", "vault", "secrets", rest @ ..] => {
            let key = rest
                .iter()
                .filter(|part| !["keys", "encrypt", "decrypt", "datakey", "plaintext", "show"].contains(part));
            let key: Vec<&str> = key.copied().collect();
            let key = if key.len() > 1 { key.join("/") } else { "transit/crhost".to_owned() };
            wrong(format!("write `{}/{key}`", uri.authority()))
        }
        [] | [_] => wrong(format!("write `{}/transit/{}`", uri.authority(), path.first().unwrap_or(&"crhost"))),
        path if path.len() > MOUNT_COMPONENTS + 1 => wrong(format!(
            "a mount has {MOUNT_COMPONENTS} components at most, such as `{}/infra/transit/crhost`",
            uri.authority()
        )),
        _ => Ok(AcceptedUri::new(uri.to_string())),
    }
}
