//! The bill of materials, in CycloneDX 1.6.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::dependencies::Dependencies;
use super::known::Release;
use super::layout::{hex_digest, rfc3339};
use super::libraries::Library;
use crate::failure::{Failure, Result};

/// What is in a program, and in an image besides.
pub(super) fn document(
    release: &Release,
    dependencies: &Dependencies,
    program: &Path,
    libraries: &[Library],
) -> Result<Vec<u8>> {
    let bytes = fs::read(program).map_err(Failure::io("read", program))?;
    let reference = |id: &str| format!("pkg:cargo/{id}");
    let root = reference(&format!("crhost@{}", release.version));
    let (mut components, mut uses) = (Vec::new(), Vec::new());
    for (id, found) in dependencies.iter() {
        let reference = reference(id);
        uses.push(json!({"ref": reference, "dependsOn": found.uses.iter().map(|id| format!("pkg:cargo/{id}")).collect::<Vec<_>>()}));
        if reference == root {
            continue;
        }
        let mut component = json!({
            "type": "library",
            "bom-ref": reference,
            "name": found.name,
            "version": found.version,
            "licenses": [{"expression": found.licence}],
        });
        if let Some(component) = component.as_object_mut() {
            if found.is_third_party {
                component.insert("purl".to_owned(), json!(reference));
            }
            if let Some(repository) = found.repository.as_ref().filter(|url| url.starts_with("https://")) {
                component.insert("externalReferences".to_owned(), json!([{"type": "vcs", "url": repository}]));
            }
        }
        components.push(component);
    }
    components.extend(libraries.iter().map(of_library));
    let document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": rfc3339(release.time),
            "tools": {"components": [{"type": "application", "name": "cargo xtask dist"}]},
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": "crhost",
                "version": release.version,
                "licenses": [{"expression": env!("CARGO_PKG_LICENSE")}],
                "hashes": [{"alg": "SHA-256", "content": hex_digest(&bytes)}],
            },
        },
        "components": components,
        "dependencies": uses,
    });
    let mut text = serde_json::to_string_pretty(&document)
        .map_err(|error| Failure::new(format!("the bill of materials can't be written: {error}")))?;
    text.push('\n');
    Ok(text.into_bytes())
}

/// A library of the system, by its package where one is known.
fn of_library(library: &Library) -> Value {
    let mut component = json!({
        "type": "library",
        "bom-ref": library.path,
        "name": library.path.rsplit('/').next(),
        "hashes": [{"alg": "SHA-256", "content": hex_digest(&library.bytes)}],
    });
    if let (Some(package), Some(component)) = (&library.package, component.as_object_mut()) {
        component.insert("name".to_owned(), json!(package.name));
        component.insert("version".to_owned(), json!(package.version));
        let version = package.version.replace('+', "%2B").replace(':', "%3A");
        component.insert("purl".to_owned(), json!(format!("pkg:deb/{}/{}@{version}", package.vendor, package.name)));
    }
    component
}
