//! URIs of Harbor's registries.

use crhost_flavor::uri::{RegistryUri, Rules};
use crhost_flavor::{AcceptedUri, Failure};

/// Longest name of a project (Harbor's API, creation of a project).
const MAX_PROJECT: usize = 255;

/// Harbor has no public registry: it runs on any host that is not known to be of another kind.
pub(crate) const RULES: Rules = Rules {
    flavor: "harbor",
    example: "harbor.example.com/ml",
    no_host: |path| format!("write `harbor.example.com/{path}`"),
    lower_case: "",
    not_ours: Some(|uri| Failure::invalid_input(format!("`{}` is no Harbor", uri.host()))),
    grammar,
};

fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let authority = uri.authority();
    let path = uri.path();
    if let ["harbor", "projects", ..] | ["harbor", "sign-in"] = path.as_slice() {
        return Err(Failure::invalid_input(format!("`{uri}` is a web page of Harbor, expected its registry"))
            .hint(format!("write `{authority}/<project>`, with the project's name and not its number")));
    }
    let accepted = AcceptedUri::new(uri.to_string());
    match path.first() {
        None => Ok(accepted.warning("without a project it stands for every project of this Harbor")),
        Some(project) => check_project(project, &authority).map(|()| accepted),
    }
}

/// Checks the name of a project: `[a-z0-9]+(?:[._-][a-z0-9]+)*`. Repositories may have several separators in a row.
pub(crate) fn check_project(name: &str, authority: &str) -> Result<(), Failure> {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let good = |part: &str| !part.is_empty() && part.chars().all(alphanumeric);
    if name.len() <= MAX_PROJECT && name.split(['.', '_', '-']).all(good) {
        return Ok(());
    }
    Err(Failure::invalid_input(format!(
        "`{name}` is not the name of a project of Harbor, expected lower-case letters and digits with single `.`, `_` or \
         `-` between them"
    ))
    .hint(format!("write the project's name as Harbor shows it, e.g. `{authority}/ml-team`")))
}
