//! Readers of what a policy is given, and values for unit tests.

use super::admission::{Action, BaseImage, Evidence, ImageEvidence, Layer, Subject};
use crate::options::Options;

impl Subject {
    /// An action on an image, by its reference `host/repository:tag`, as unit tests make one.
    pub fn new(action: Action, reference: &str) -> Self {
        let (host, rest) = reference.split_once('/').unwrap_or((reference, ""));
        let (repository, tag) = match rest.rsplit_once(':') {
            Some((repository, tag)) => (repository, Some(tag)),
            None => (rest, None),
        };
        Self {
            action,
            reference: reference.to_owned(),
            host: host.to_owned(),
            repository: repository.to_owned(),
            tags: tag.map(str::to_owned).into_iter().collect(),
            digest: None,
            media_type: None,
            registry: None,
            options: Vec::new(),
        }
    }

    /// The subject with a value of an option of the policy.
    #[must_use]
    pub fn option(mut self, name: &str, value: &str) -> Self {
        self.options.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Values of the policy's options.
    pub fn options(&self) -> Options {
        Options(self.options.clone())
    }

    /// Whether an image is written: pushed or copied.
    pub fn writes(&self) -> bool {
        matches!(self.action, Action::Push | Action::Copy)
    }
}

impl Evidence {
    /// The evidence of one image, as unit tests make it.
    pub fn of(image: ImageEvidence) -> Self {
        Self {
            source: None,
            index: None,
            annotations: Vec::new(),
            images: vec![image],
            signatures: Vec::new(),
            removals: Vec::new(),
        }
    }
}

impl Default for ImageEvidence {
    /// An image of which nothing is known.
    fn default() -> Self {
        Self {
            platform: None,
            digest: None,
            media_type: None,
            manifest: None,
            configuration: None,
            layers: Vec::new(),
            history: Vec::new(),
            labels: Vec::new(),
            environment: Vec::new(),
            user: None,
            annotations: Vec::new(),
            base: None,
        }
    }
}

impl ImageEvidence {
    /// What messages call the image: its platform in backticks, or "the image".
    pub fn label(&self) -> String {
        self.platform.as_ref().map_or_else(|| "the image".to_owned(), |platform| format!("`{platform}`"))
    }

    /// The value of a label.
    pub fn label_value(&self, name: &str) -> Option<&str> {
        value(&self.labels, name)
    }

    /// The value of an annotation of the manifest.
    pub fn annotation(&self, name: &str) -> Option<&str> {
        value(&self.annotations, name)
    }

    /// Whether it is an image that runs, and no attestation, signature, chart or other artifact.
    pub fn is_runnable(&self) -> bool {
        let is_statement = |layer: &Layer| layer.media_type.as_deref() == Some("application/vnd.in-toto+json");
        let is_attestation = !self.layers.is_empty() && self.layers.iter().all(is_statement);
        !is_attestation && self.config_media_type().is_none_or(|media_type| IMAGE_CONFIGS.contains(&&*media_type))
    }

    fn config_media_type(&self) -> Option<String> {
        let manifest: serde_json::Value = serde_json::from_str(self.manifest.as_deref()?).ok()?;
        let media_type = manifest.get("config")?.get("mediaType")?.as_str()?;
        (!media_type.is_empty()).then(|| media_type.to_owned())
    }
}

/// The media types of images' configurations.
const IMAGE_CONFIGS: [&str; 2] =
    ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

impl BaseImage {
    /// A base by its name.
    pub fn named(name: &str) -> Self {
        Self { name: Some(name.to_owned()), digest: None }
    }
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attestations_and_charts_are_no_images_that_run() {
        let of = |config: &str, layer: &str| ImageEvidence {
            manifest: Some(format!(r#"{{"config":{{"mediaType":"{config}"}}}}"#)),
            layers: vec![Layer { media_type: Some(layer.to_owned()), digest: None, size: None, diff_id: None }],
            ..ImageEvidence::default()
        };
        let (image, layer) =
            ("application/vnd.oci.image.config.v1+json", "application/vnd.oci.image.layer.v1.tar+gzip");
        assert!(of(image, layer).is_runnable());
        assert!(!of(image, "application/vnd.in-toto+json").is_runnable());
        assert!(!of("application/vnd.cncf.helm.config.v1+json", layer).is_runnable());
        assert!(ImageEvidence::default().is_runnable(), "what is not known yet may run");
    }

    #[test]
    fn a_subject_is_made_of_its_reference() {
        let subject = Subject::new(Action::Push, "localhost:5000/acme/train:v3").option("a", "b");
        assert_eq!((subject.host.as_str(), subject.repository.as_str()), ("localhost:5000", "acme/train"));
        assert_eq!((subject.tags.as_slice(), subject.options().get("a")), (&["v3".to_owned()][..], Some("b")));
    }
}
