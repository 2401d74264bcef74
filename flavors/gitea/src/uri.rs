//! URIs of Gitea's registries.

use crhost_flavor::uri::{PublicHost, RegistryUri, Rules, is_one_slip_from};
use crhost_flavor::{AcceptedUri, Failure};

/// A public Forgejo, whose host is a word that is easily mistyped.
const CODEBERG: &str = "codeberg.org";

/// Longest name of an owner (`MaxNameLength` of Gitea's users and organizations).
const MAX_OWNER: usize = 40;

/// Gitea runs on any host that is not known to be of another kind.
pub(crate) const RULES: Rules = Rules {
    flavor: "gitea",
    example: "gitea.example.com/acme",
    no_host: |path| format!("write `gitea.example.com/{path}`"),
    lower_case: ": Gitea takes the owner's name in lower case, too",
    not_ours: Some(|uri| Failure::invalid_input(format!("`{}` is no Gitea", uri.host()))),
    grammar,
};

const PUBLIC: PublicHost = PublicHost {
    host: CODEBERG,
    owner: "Codeberg",
    is_mistaken: |host| {
        ["codeberg.com", "codeberg.io", "codeberg.page"].contains(&host) || is_one_slip_from(host, CODEBERG)
    },
    meant: |uri| uri.on_host(CODEBERG).to_string(),
};

fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let public = PUBLIC.canonical(uri)?;
    let canonical = public.as_ref().unwrap_or(uri);
    let authority = canonical.authority();
    let path = canonical.path();
    if let ["explore" | "user" | "api" | "org" | "v2", ..] = path.as_slice() {
        return Err(Failure::invalid_input(format!("`{canonical}` is a page of Gitea, expected its registry"))
            .hint(format!("write `{authority}/<owner>`, with the user or the organization that has the images")));
    }
    let accepted = AcceptedUri::new(canonical.to_string());
    match path.first() {
        None => Ok(accepted.warning("without an owner it stands for every user and organization of this Gitea")),
        Some(owner) => check_owner(owner, &authority).map(|()| accepted),
    }
}

/// Checks the name of a user or an organization: `[a-z0-9]+([._-][a-z0-9]+)*`, at most 40 characters
/// (`models/user/user.go` of Gitea, `IsUsableUsername`).
pub(crate) fn check_owner(name: &str, authority: &str) -> Result<(), Failure> {
    if name.len() <= MAX_OWNER && is_simple(name) {
        return Ok(());
    }
    Err(Failure::invalid_input(format!(
        "`{name}` is not the name of a user or organization of Gitea, expected at most {MAX_OWNER} lower-case letters \
         and digits with single `.`, `_` or `-` between them"
    ))
    .hint(format!("write the owner's name as Gitea shows it, in lower case, e.g. `{authority}/acme`")))
}

/// Whether a component has no two separators in a row, which the specification allows and Gitea does not
/// (`routers/api/packages/container/container.go`, `imageNamePattern`).
pub(crate) fn is_simple(component: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    component.split(['.', '_', '-']).all(|part| !part.is_empty() && part.chars().all(alphanumeric))
}
