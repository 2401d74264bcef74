//! The entry of an image in a layout's index.

use serde_json::{Map, Value, json};

use crate::image::{Descriptor, Reference, Tag};

/// The image layout's own annotation for a name (image-spec, "Pre-Defined Annotation Keys"), which skopeo, oras and
/// regctl look for.
pub(super) const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// containerd's annotation for the whole name, by which `docker load` and `ctr image import` name images.
pub(super) const IMAGE_NAME: &str = "io.containerd.image.name";

/// The names of an image in a layout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::pull) struct ImageNames {
    /// The name that chooses it: what the user typed, or its tag; absent for one that was pulled by its digest.
    pub(in crate::pull) reference: Option<String>,
    /// The whole name with its host, if it has a tag.
    pub(in crate::pull) whole: Option<String>,
    /// Whether `reference` was typed.
    pub(in crate::pull) is_typed: bool,
}

impl ImageNames {
    /// The names of an image that was pulled as `image`, and that the user may have named.
    pub(in crate::pull) fn new(image: &Reference, typed: Option<&str>) -> Self {
        let tag = image.tag().filter(|_| image.digest().is_none()).map(Tag::as_str);
        let whole = |tag: &str| format!("{}:{tag}", image.name());
        match typed {
            // A whole name is one for containerd, too; another tag is not one of the registry's.
            Some(typed) => Self {
                reference: Some(typed.to_owned()),
                whole: match typed.parse::<Reference>() {
                    Ok(named) if Reference::names_host(typed) && named.tag().is_some() => Some(typed.to_owned()),
                    _ => tag.filter(|tag| *tag == typed).map(whole),
                },
                is_typed: true,
            },
            None => Self { reference: tag.map(ToOwned::to_owned), whole: tag.map(whole), is_typed: false },
        }
    }
}

/// The entry of an image or index.
pub(in crate::pull) fn entry(root: &Descriptor, names: &ImageNames) -> Value {
    let mut entry = Map::new();
    entry.insert("mediaType".to_owned(), json!(root.media_type));
    entry.insert("digest".to_owned(), json!(root.digest));
    entry.insert("size".to_owned(), json!(root.size));
    if let Some(platform) = &root.platform {
        entry.insert("platform".to_owned(), json!(platform));
    }
    let annotations: Map<String, Value> = [(REF_NAME, &names.reference), (IMAGE_NAME, &names.whole)]
        .into_iter()
        .filter_map(|(key, name)| Some((key.to_owned(), json!(name.as_ref()?))))
        .collect();
    if !annotations.is_empty() {
        entry.insert("annotations".to_owned(), Value::Object(annotations));
    }
    Value::Object(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_called_as_the_user_says_else_by_its_tag() {
        let names = |image: &str, typed: Option<&str>| {
            let ImageNames { reference, whole, .. } = ImageNames::new(&image.parse().unwrap(), typed);
            (reference.unwrap_or_default(), whole.unwrap_or_default())
        };
        let pair = |reference: &str, whole: &str| (reference.to_owned(), whole.to_owned());
        let image = "ghcr.io/acme/train:v3";
        assert_eq!(names(image, None), pair("v3", image));
        assert_eq!(names(image, Some("v3")), pair("v3", image));
        assert_eq!(names(image, Some("mine")), pair("mine", ""));
        assert_eq!(names(image, Some("quay.io/a/b:1")), pair("quay.io/a/b:1", "quay.io/a/b:1"));
        let digest = crate::image::Digest::of(b"");
        assert_eq!(names(&format!("ghcr.io/acme/train@{digest}"), None), pair("", ""));
    }
}
