//! The path of an image, as registries whose images have a place divide it.

use crate::types::{Failure, Image};

impl Image {
    /// The first name of the image's path, and the rest, where a registry, called `registry` in messages, keeps images
    /// in places: `first` and `second` are the words for them, e.g. `project` and `repository`.
    ///
    /// # Errors
    /// When the path is one name.
    pub fn split(&self, registry: &str, first: &str, second: &str) -> Result<(&str, &str), Failure> {
        let Self { host, repository, .. } = self;
        repository.split_once('/').ok_or_else(|| {
            Failure::invalid_input(format!(
                "image path `{repository}` does not fit {registry}, expected `{first}/{second}`"
            ))
            .hint(format!("name the image e.g. `{host}/<{first}>/{repository}`"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_one_name_is_told_what_is_missing() {
        let image = |repository: &str| Image {
            host: "a.example".to_owned(),
            repository: repository.to_owned(),
            tag: None,
            digest: None,
        };
        assert_eq!(image("acme/ml/train").split("Acme", "project", "repository").unwrap(), ("acme", "ml/train"));
        let failure = image("train").split("Acme", "project", "repository").unwrap_err();
        assert_eq!(failure.message, "image path `train` does not fit Acme, expected `project/repository`");
        assert_eq!(failure.hint.unwrap(), "name the image e.g. `a.example/<project>/train`");
    }
}
