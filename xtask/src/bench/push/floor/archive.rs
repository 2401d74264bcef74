//! The image of a file of `docker save`.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use serde_json::Value;

use super::compress::Compressors;
use super::documents::{MANIFEST, Sent, digest_of, list, manifest, text};
use super::http::Registry;
use super::side_by_side::side_by_side;
use crate::failure::{Failure, Result};

/// Compresses its layers and sends them, then its configuration and a manifest.
pub(super) fn push(archive: &Path, registry: &Registry) -> Result<()> {
    let places = places(archive)?;
    let place =
        |name: &str| places.get(name).copied().ok_or_else(|| Failure::new(format!("the archive has no `{name}`")));
    let json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).map_err(|error| Failure::new(error.to_string()));
    let listed = json(&read(archive, place("manifest.json")?)?)?;
    let config = read(archive, place(text(&listed, "/0/Config")?)?)?;
    let image = json(&config)?;
    let mut layers = Vec::new();
    for (name, diff_id) in list(&listed, "/0/Layers").iter().zip(list(&image, "/rootfs/diff_ids")) {
        layers.push((place(text(name, "")?)?, text(diff_id, "")?));
    }
    let sent = Compressors::with(|compressors| {
        side_by_side(&layers, |((offset, size), diff_id)| {
            let mut file = File::open(archive).map_err(Failure::io("open", archive))?;
            file.seek(SeekFrom::Start(*offset)).map_err(Failure::io("read", archive))?;
            compressors.send(file.take(*size), diff_id, registry)
        })
    })?;
    registry.put_bytes(&config)?;
    let config = Sent { digest: digest_of(&config), size: config.len() as u64 };
    registry.put_manifest(MANIFEST, manifest(&config, &sent).to_string().as_bytes())
}

/// Where each file's content is: its offset and its size.
fn places(archive: &Path) -> Result<HashMap<String, (u64, u64)>> {
    let failed = |error| Failure::io("read", archive)(error);
    let mut tar = tar::Archive::new(File::open(archive).map_err(failed)?);
    let mut places = HashMap::new();
    for entry in tar.entries_with_seek().map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        places.insert(name, (entry.raw_file_position(), entry.size()));
    }
    Ok(places)
}

fn read(archive: &Path, (offset, size): (u64, u64)) -> Result<Vec<u8>> {
    let mut file = File::open(archive).map_err(Failure::io("open", archive))?;
    let mut bytes = Vec::new();
    let read = file.seek(SeekFrom::Start(offset)).and_then(|_| file.take(size).read_to_end(&mut bytes));
    read.map_err(Failure::io("read", archive))?;
    Ok(bytes)
}
