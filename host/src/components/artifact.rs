//! A component as an artifact: its configuration and its manifest, written and read (CNCF TAG Runtime, "Wasm OCI
//! Artifact layout").

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::error::{ComponentError, Foreign};
use super::publication::Publication;
use crate::flavor::component_bytes;
use crate::image::{Descriptor, Digest, Manifest, media_type};
use crate::text::Escaped;

/// The media type of an artifact's configuration.
pub(super) const CONFIG: &str = "application/vnd.wasm.config.v0+json";

/// The media type of the one layer, the component as it is.
const LAYER: &str = "application/wasm";

/// Media types of that layer in artifacts of before there was a common one: of wasm-to-oci and oras, of wasmCloud.
const OLDER_LAYERS: [&str; 2] =
    ["application/vnd.wasm.content.layer.v1+wasm", "application/vnd.bytecodealliance.wasm.component.layer.v0+wasm"];

/// The time of every configuration, which has to have one: the same component makes the same artifact.
const CREATED: &str = "1970-01-01T00:00:00Z";

/// Annotations of the OCI image specification ("Pre-Defined Annotation Keys").
const TITLE: &str = "org.opencontainers.image.title";
const VERSION: &str = "org.opencontainers.image.version";
const DESCRIPTION: &str = "org.opencontainers.image.description";
const DOCUMENTATION: &str = "org.opencontainers.image.documentation";

/// The descriptor of a component's layer. Its title is the name of the file that other tools write.
pub(super) fn layer(publication: &Publication) -> Descriptor {
    let bytes = &publication.bytes;
    let mut layer = Descriptor::new(LAYER, Digest::of(bytes), bytes.len() as u64);
    layer.annotations.insert(TITLE.to_owned(), format!("{}.wasm", publication.name));
    layer
}

/// The configuration: what the component imports and exports, and the world that it is for.
pub(super) fn config(publication: &Publication, layer: &Descriptor) -> String {
    let Publication { imports, exports, world, .. } = publication;
    json!({
        "created": CREATED,
        "architecture": "wasm",
        "os": "wasip2",
        "layerDigests": [layer.digest],
        "component": { "exports": exports, "imports": imports, "target": world },
    })
    .to_string()
}

/// The manifest, with the user's annotations in the place of those of the description.
pub(super) fn manifest(
    publication: &Publication,
    config: &Descriptor,
    layer: &Descriptor,
    annotations: &BTreeMap<String, String>,
) -> Vec<u8> {
    let text = |text: &str| text.to_owned();
    let mut all = BTreeMap::from([
        (text(TITLE), publication.name.clone()),
        (text(VERSION), publication.version.to_string()),
        (text(DESCRIPTION), publication.summary.clone()),
    ]);
    all.extend(publication.documentation.clone().map(|url| (text(DOCUMENTATION), url)));
    all.extend(annotations.iter().map(|(name, value)| (name.clone(), value.clone())));
    all.retain(|_, value| !value.is_empty());
    let manifest: Value = json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_MANIFEST,
        "config": config,
        "layers": [layer],
        "annotations": all,
    });
    manifest.to_string().into_bytes()
}

/// The component's layer in an artifact, whoever made it: exactly one, of a type that is a component's.
///
/// # Errors
/// When the artifact is something else, or the component is larger than any that is admitted.
pub(super) fn component_layer(name: &Escaped, answered: &str, bytes: &[u8]) -> Result<Descriptor, ComponentError> {
    let foreign = |found: Foreign| ComponentError::Foreign { artifact: name.clone(), found };
    let own = Descriptor::new(answered, Digest::of(bytes), 0);
    if own.is_index() || is_index(bytes) {
        return Err(foreign(Foreign::Index));
    }
    let malformed = |reason| ComponentError::Manifest { artifact: name.clone(), reason };
    let manifest = Manifest::parse(bytes).map_err(malformed)?;
    let is_image = manifest.config.is_image_config();
    let mut layers = manifest.layers.into_iter();
    let (layer, more) = match (layers.next(), layers.count()) {
        (None, _) => return Err(foreign(Foreign::Empty)),
        (Some(layer), more) => (layer, more),
    };
    let is_component = layer.media_type == LAYER || OLDER_LAYERS.contains(&layer.media_type.as_str());
    match (is_component, more) {
        (true, 0) => {}
        (false, _) if is_image => return Err(foreign(Foreign::Image)),
        (false, 0) => return Err(foreign(Foreign::Layer(layer.media_type.into()))),
        (_, more) => return Err(foreign(Foreign::Layers(more + 1))),
    }
    match layer.size {
        0 => Err(foreign(Foreign::Empty)),
        size if size > component_bytes() => Err(foreign(Foreign::TooLarge(size))),
        _ => Ok(layer),
    }
}

/// Whether a document without a known media type is an index.
fn is_index(bytes: &[u8]) -> bool {
    let document: Option<Value> = serde_json::from_slice(bytes).ok();
    document.is_some_and(|document| document.get("manifests").is_some_and(Value::is_array))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(manifest: &Value) -> Result<Descriptor, String> {
        let bytes = manifest.to_string();
        component_layer(&"r.example/x:1".into(), media_type::OCI_MANIFEST, bytes.as_bytes())
            .map_err(|error| error.to_string())
    }

    fn of(config: &str, layers: &[(&str, u64)]) -> Value {
        let digest = Digest::of(b"x");
        let layers: Vec<Value> = layers
            .iter()
            .map(|(media_type, size)| json!({ "mediaType": media_type, "digest": digest, "size": size }))
            .collect();
        json!({ "schemaVersion": 2, "config": { "mediaType": config, "digest": digest, "size": 2 }, "layers": layers })
    }

    #[test]
    fn artifacts_of_one_component_are_read_whoever_made_them() {
        for (config, layer) in [
            (CONFIG, LAYER),
            // As oras pushes a file with a type, and as wasm-to-oci did.
            ("application/vnd.oci.empty.v1+json", LAYER),
            ("application/vnd.wasm.config.v1+json", "application/vnd.wasm.content.layer.v1+wasm"),
        ] {
            assert!(read(&of(config, &[(layer, 10)])).is_ok(), "{config} {layer}");
        }
    }

    #[test]
    fn what_is_no_single_component_is_refused_with_what_it_is() {
        let image = "application/vnd.oci.image.config.v1+json";
        for (manifest, said) in [
            (of(CONFIG, &[(LAYER, 10), (LAYER, 10)]), "has 2 layers"),
            (of(CONFIG, &[]), "has no layer"),
            (of(CONFIG, &[(LAYER, 0)]), "has no layer"),
            (of(CONFIG, &[(LAYER, component_bytes() + 1)]), "bytes"),
            (of(CONFIG, &[("application/json", 10)]), "`application/json`"),
            (of(image, &[(media_type::OCI_LAYER_GZIP, 10)]), "container image"),
            (json!({ "schemaVersion": 2, "manifests": [] }), "index"),
            (json!({ "schemaVersion": 2 }), "no image manifest"),
        ] {
            let error = read(&manifest).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
