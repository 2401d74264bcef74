//! A Dockerfile for a user who has none: a parent image, packages, requirements, and code on top.
//!
//! What changes seldom comes first, so that a change of the code builds the last layer alone. Whatever a value holds,
//! it is one word of one instruction.

mod quote;

use std::path::Path;

use super::error::BuildError;
use crate::image::Reference;

/// The settings of an image.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recipe {
    /// The image that it is made of.
    pub(crate) parent: String,
    /// Packages of the distribution, in the form of `apt-get install`.
    pub(crate) apt: Vec<String>,
    /// Files of Python requirements in the context.
    pub(crate) requirements: Vec<String>,
    /// What is copied from the context: a source, and its place in the image's working directory.
    pub(crate) copies: Vec<(String, Option<String>)>,
    /// Variables of the environment.
    pub(crate) environment: Vec<(String, String)>,
    /// The user that the image runs as.
    pub(crate) user: Option<String>,
}

/// The working directory of the image.
const DIRECTORY: &str = "/app";
/// Where requirements lie while they are installed; each has a directory of its own, so that no name is taken twice.
const REQUIREMENTS: &str = "/tmp/requirements";

impl Recipe {
    /// The Dockerfile. `context` is the directory that requirements and copies are looked for in, and `below` what
    /// stands before their paths: nothing, or the directory of an archive that has the Dockerfile beside it.
    ///
    /// # Errors
    /// When a value is not what it should be, or a file is not there.
    pub(crate) fn dockerfile(&self, context: &Path, below: &str) -> Result<String, BuildError> {
        let source = |path: &str| match (below, path) {
            ("", path) => quote::source(path),
            (below, ".") => below.to_owned(),
            (below, path) => format!("{below}{}", quote::source(path)),
        };
        let mut lines = vec![format!("FROM {}", parent(&self.parent)?), format!("WORKDIR {DIRECTORY}")];
        for (name, value) in &self.environment {
            lines.push(format!("ENV {}={}", quote::variable(name)?, quote::value(value)?));
        }
        let needs_root = !self.apt.is_empty() || !self.requirements.is_empty();
        if needs_root && self.user.is_some() {
            // The parent may have another user, who can install nothing.
            lines.push("USER root".to_owned());
        }
        if !self.apt.is_empty() {
            let packages = self.apt.iter().map(|package| quote::package(package)).collect::<Result<Vec<_>, _>>()?;
            lines.push(format!(
                "RUN apt-get update && apt-get install --yes --no-install-recommends {} && rm -rf /var/lib/apt/lists/*",
                packages.join(" ")
            ));
        }
        for (number, file) in self.requirements.iter().enumerate() {
            inside(context, file, "--requirement")?;
            let target = format!("{REQUIREMENTS}/{number}/requirements.txt");
            lines.push(format!("COPY {}", quote::paths(&[&source(file), &target])?));
            lines.push(format!(r#"RUN ["pip", "install", "--no-cache-dir", "--requirement", "{target}"]"#));
        }
        for (path, target) in &self.copies {
            inside(context, path, "--copy")?;
            lines.push(format!("COPY {}", quote::paths(&[&source(path), &target_of(path, target.as_deref())])?));
        }
        if let Some(user) = &self.user {
            lines.push(format!("USER {}", quote::user(user)?));
        }
        Ok(lines.join("\n") + "\n")
    }
}

/// The parent image, which is a reference and so has no blank and no `$`.
fn parent(text: &str) -> Result<&str, BuildError> {
    match text == "scratch" || text.parse::<Reference>().is_ok() {
        true => Ok(text),
        false => Err(BuildError::Setting {
            what: "parent image",
            value: text.into(),
            expected: "an image's name, such as `python:3.12-slim`",
        }),
    }
}

/// Where a source is copied to: a directory's content into the working directory for `.`, else under its own name.
fn target_of(source: &str, target: Option<&str>) -> String {
    match target {
        Some(target) => target.to_owned(),
        None => format!("./{}", source.trim_start_matches("./").trim_end_matches('/').trim_start_matches('.')),
    }
}

/// Refuses a path that is not in the context.
fn inside(context: &Path, path: &str, option: &'static str) -> Result<(), BuildError> {
    let relative = Path::new(path);
    let leaves = relative.is_absolute() || relative.components().any(|part| part == std::path::Component::ParentDir);
    match !leaves && context.join(relative).symlink_metadata().is_ok() {
        true => Ok(()),
        false => Err(BuildError::NotInContext { option, path: path.into(), context: context.into() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe() -> Recipe {
        Recipe { parent: "python:3.12-slim".to_owned(), ..Recipe::default() }
    }

    fn context() -> tempfile::TempDir {
        let context = tempfile::tempdir().unwrap();
        for file in ["requirements.txt", "train.py", "a [b]*?.txt"] {
            std::fs::write(context.path().join(file), "").unwrap();
        }
        std::fs::create_dir(context.path().join("src")).unwrap();
        context
    }

    #[test]
    fn what_changes_seldom_comes_first_and_the_code_last() {
        let context = context();
        let whole = Recipe {
            apt: vec!["git".to_owned(), "libgomp1=12.2.0-14".to_owned()],
            requirements: vec!["requirements.txt".to_owned()],
            copies: vec![(".".to_owned(), None)],
            environment: vec![("STAGE".to_owned(), "prod".to_owned())],
            user: Some("1000:1000".to_owned()),
            ..recipe()
        };
        assert_eq!(
            whole.dockerfile(context.path(), "").unwrap(),
            "FROM python:3.12-slim\n\
             WORKDIR /app\n\
             ENV STAGE=\"prod\"\n\
             USER root\n\
             RUN apt-get update && apt-get install --yes --no-install-recommends git libgomp1=12.2.0-14 && rm -rf \
             /var/lib/apt/lists/*\n\
             COPY [\"requirements.txt\", \"/tmp/requirements/0/requirements.txt\"]\n\
             RUN [\"pip\", \"install\", \"--no-cache-dir\", \"--requirement\", \
             \"/tmp/requirements/0/requirements.txt\"]\n\
             COPY [\".\", \"./\"]\n\
             USER 1000:1000\n"
        );
    }

    #[test]
    fn a_copy_keeps_its_name_unless_another_is_given() {
        let context = context();
        let copy = |source: &str, target: Option<&str>| {
            let copies = vec![(source.to_owned(), target.map(ToOwned::to_owned))];
            let text = Recipe { copies, ..recipe() }.dockerfile(context.path(), "").unwrap();
            text.lines().nth(2).unwrap().to_owned()
        };
        assert_eq!(copy("train.py", None), r#"COPY ["train.py", "./train.py"]"#);
        assert_eq!(copy("./src/", None), r#"COPY ["./src/", "./src"]"#);
        assert_eq!(copy("src", Some("/opt/x")), r#"COPY ["src", "/opt/x"]"#);
        assert_eq!(copy("a [b]*?.txt", Some("/x")), r#"COPY ["a [[]b][*][?].txt", "/x"]"#);
    }

    #[test]
    fn in_an_archive_the_context_lies_beside_the_dockerfile() {
        let context = context();
        let copies = vec![(".".to_owned(), None), ("src".to_owned(), None)];
        let text = Recipe { copies, ..recipe() }.dockerfile(context.path(), "context/").unwrap();
        let copies: Vec<&str> = text.lines().skip(2).collect();
        assert_eq!(copies, [r#"COPY ["context/", "./"]"#, r#"COPY ["context/src", "./src"]"#]);
    }

    #[test]
    fn no_value_is_more_than_one_word_of_one_instruction() {
        let context = context();
        let refused = |recipe: Recipe| {
            let result = recipe.dockerfile(context.path(), "");
            assert!(result.is_err(), "{result:?}");
        };
        refused(Recipe { parent: "a\nRUN x".to_owned(), ..recipe() });
        refused(Recipe { parent: "a AS b".to_owned(), ..recipe() });
        refused(Recipe { apt: vec!["git; rm -rf /".to_owned()], ..recipe() });
        refused(Recipe { apt: vec!["-o=x".to_owned()], ..recipe() });
        refused(Recipe { apt: vec!["$(x)".to_owned()], ..recipe() });
        refused(Recipe { user: Some("a\nRUN x".to_owned()), ..recipe() });
        refused(Recipe { user: Some("$X".to_owned()), ..recipe() });
        refused(Recipe { environment: vec![("A B".to_owned(), String::new())], ..recipe() });
        refused(Recipe { environment: vec![("A".to_owned(), "b\nRUN x".to_owned())], ..recipe() });
        refused(Recipe { requirements: vec!["../x".to_owned()], ..recipe() });
        refused(Recipe { requirements: vec!["missing.txt".to_owned()], ..recipe() });
        refused(Recipe { copies: vec![("/etc/passwd".to_owned(), None)], ..recipe() });
        refused(Recipe { copies: vec![(".".to_owned(), Some("x\nRUN y".to_owned()))], ..recipe() });
        let environment = vec![("A".to_owned(), "it's \"$HOME\" \\ # b".to_owned())];
        let text = Recipe { environment, ..recipe() }.dockerfile(context.path(), "").unwrap();
        assert_eq!(text.lines().nth(2).unwrap(), r#"ENV A="it's \"\$HOME\" \\ # b""#);
    }
}
