//! Names of projects and repositories, and how a path is made of them.

use crhost_flavor::Failure;

/// A project, as Google's APIs have it: `my-project`, or `example.com:my-project` below a domain.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Project(String);

impl Project {
    /// Parses a project in either spelling.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (domain, id) = match text.split_once([':', '/']) {
            Some((domain, id)) => (Some(domain), id),
            None => (None, text),
        };
        let domain_fits = domain.is_none_or(is_domain);
        (domain_fits && fault(id).is_none_or(|fault| fault == Fault::Short))
            .then(|| Self(domain.map_or_else(|| id.to_owned(), |domain| format!("{domain}:{id}"))))
    }

    /// As Google's APIs have it.
    pub(crate) fn id(&self) -> &str {
        &self.0
    }

    /// As image names have it.
    pub(crate) fn path(&self) -> String {
        self.0.replace(':', "/")
    }
}

/// A fault of a project's id.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    /// Fewer characters than ids have today.
    Short,
    /// A project's number, which image names can't have.
    Number,
    /// Any other fault.
    Form,
}

/// The fault of a project's id; good ids have 6 to 30 lower-case letters, digits and dashes, a letter first, no dash
/// last.
pub(crate) fn fault(id: &str) -> Option<Fault> {
    let inside = id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let fits = inside && id.starts_with(|c: char| c.is_ascii_lowercase()) && !id.ends_with('-') && id.len() <= 30;
    match fits {
        true if id.len() < 6 => Some(Fault::Short),
        true => None,
        false if !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()) => Some(Fault::Number),
        false => Some(Fault::Form),
    }
}

/// Whether a component of a path is the domain of a project: ids have no dots.
pub(crate) fn is_domain(component: &str) -> bool {
    let label = |label: &str| {
        let inside = label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        inside && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    component.contains('.') && component.split('.').all(label)
}

/// Whether it can be the id of a repository: `[a-z]([a-z0-9-]{0,61}[a-z0-9])?`, or the name of one that keeps the
/// images of a host of Container Registry.
pub(crate) fn is_repository(id: &str) -> bool {
    let inside = id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let fits = inside && id.starts_with(|c: char| c.is_ascii_lowercase()) && !id.ends_with('-') && id.len() <= 63;
    fits || matches!(id, "gcr.io" | "us.gcr.io" | "eu.gcr.io" | "asia.gcr.io")
}

/// A path, split into the project and the rest.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Split<'a> {
    /// The project; `None` in an empty path.
    pub(crate) project: Option<Project>,
    /// The components after it.
    pub(crate) rest: Vec<&'a str>,
    /// A warning about an unusual project.
    pub(crate) warning: Option<String>,
}

/// Splits the project off the front of a path.
pub(crate) fn split<'a>(path: &[&'a str]) -> Result<Split<'a>, Failure> {
    let (domain, rest) = match path {
        [] => return Ok(Split { project: None, rest: Vec::new(), warning: None }),
        [domain, rest @ ..] if is_domain(domain) => (Some(*domain), rest),
        path => (None, path),
    };
    let Some((id, rest)) = rest.split_first() else {
        let domain = domain.unwrap_or_default();
        return Err(Failure::invalid_input(format!(
            "`{domain}` is the domain of projects, expected a project after it"
        ))
        .hint(format!("write the project too, e.g. `{domain}/my-project`; its API calls it `{domain}:my-project`")));
    };
    let warning = match fault(id) {
        None => None,
        Some(Fault::Short) => Some(format!(
            "`{id}` has {} characters where the id of a project has 6 to 30: no such project may exist",
            id.len()
        )),
        Some(Fault::Number) => {
            return Err(Failure::invalid_input(format!("`{id}` is the number of a project, expected its id"))
                .hint(format!("`gcloud projects describe {id}` shows the id")));
        }
        Some(Fault::Form) => {
            return Err(Failure::invalid_input(format!(
                "`{id}` is not the id of a project, expected 6 to 30 letters, digits and dashes, a letter first"
            ))
            .hint("`gcloud projects list` shows the ids; a project of a domain is written `example.com/my-project`"));
        }
    };
    let project = domain.map_or_else(|| (*id).to_owned(), |domain| format!("{domain}:{id}"));
    Ok(Split { project: Some(Project(project)), rest: rest.to_vec(), warning })
}

/// Refuses a name that no repository can have.
pub(crate) fn check_repository(id: &str) -> Result<(), Failure> {
    if is_repository(id) {
        return Ok(());
    }
    let failure = Failure::invalid_input(format!(
        "`{id}` is not a repository of Artifact Registry, expected at most 63 letters, digits and dashes, a letter \
         first"
    ));
    let dashed = id.replace(['_', '.'], "-");
    Err(failure.hint(match is_repository(&dashed) {
        true => format!("did you mean `{dashed}`?"),
        false => "`gcloud artifacts repositories list` shows those that there are".to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_are_read_in_both_spellings() {
        for (text, id, path) in [
            ("my-project", "my-project", "my-project"),
            ("example.com:my-project", "example.com:my-project", "example.com/my-project"),
            ("example.com/my-project", "example.com:my-project", "example.com/my-project"),
            ("short", "short", "short"),
        ] {
            let project = Project::parse(text).unwrap();
            assert_eq!((project.id(), project.path().as_str()), (id, path));
        }
        for text in
            ["", "123456", "My-Project", "-a-project", "a-project-", "example:my-project", "a:b:c", "example.com:"]
        {
            assert_eq!(Project::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_path_is_a_project_and_the_rest() {
        let of = |path: &[&'static str]| {
            split(path).map(|split| (split.project.map(|project| project.0), split.rest, split.warning.is_some()))
        };
        assert_eq!(of(&[]).unwrap(), (None, vec![], false));
        assert_eq!(of(&["my-project", "r"]).unwrap(), (Some("my-project".into()), vec!["r"], false));
        let below = Some("example.com:my-project".to_owned());
        assert_eq!(of(&["example.com", "my-project", "r", "i"]).unwrap(), (below, vec!["r", "i"], false));
        assert_eq!(of(&["p"]).unwrap(), (Some("p".into()), vec![], true));
        assert!(of(&["example.com"]).unwrap_err().hint.unwrap().contains("example.com/my-project"));
        assert!(of(&["123456789012"]).unwrap_err().hint.unwrap().contains("gcloud"));
        assert!(of(&["my_project"]).is_err());
    }

    #[test]
    fn repositories_have_their_own_grammar() {
        for id in ["a", "my-repo", "gcr.io", "eu.gcr.io", &"a".repeat(63)] {
            assert!(check_repository(id).is_ok(), "{id}");
        }
        for id in ["1a", "a-", "", "uk.gcr.io", &"a".repeat(64)] {
            assert!(check_repository(id).is_err(), "{id}");
        }
        assert!(check_repository("my_repo").unwrap_err().hint.unwrap().contains("`my-repo`"));
    }
}
