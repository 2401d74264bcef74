//! What differs between two images: their settings, their layers, their files.

mod sides;
mod values;

use std::collections::HashSet;
use std::ops::ControlFlow;

use serde::Serialize;

use super::description::{Blob, Description, describe};
use super::error::InspectError;
use super::files::{Numbered, Record, TooMany, read};
use super::opened::{Image, Opened};
use crate::image::{Config, Digest, Platform};
use crate::source::{Layer, LayerKey};
use crate::text::Escaped;
pub(crate) use sides::{Change, FileChanges, State};
use sides::{Shared, Side};
pub(crate) use values::Value;
use values::{compare, env, settings};

/// What differs between two images.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Difference {
    /// The name of the second image with its digest.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) name: Escaped,
    /// The name of the first image with its digest.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) from: Escaped,
    /// Whether nothing differs of what is compared.
    pub(crate) same: bool,
    /// Settings, such as the command, that differ.
    pub(crate) settings: Vec<Value>,
    /// Environment variables that differ.
    pub(crate) env: Vec<Value>,
    /// Labels that differ.
    pub(crate) labels: Vec<Value>,
    /// Annotations that differ, of the images' manifests.
    pub(crate) annotations: Vec<Value>,
    /// Layers, by their uncompressed content where both images tell it.
    pub(crate) layers: LayerChanges,
    /// Files that differ; absent where they were not compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) files: Option<FileChanges>,
}

/// The layers of two images.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LayerChanges {
    /// Those that both images have.
    pub(crate) shared: Vec<Blob>,
    /// Those that only the first image has.
    pub(crate) removed: Vec<Blob>,
    /// Those that only the second image has.
    pub(crate) added: Vec<Blob>,
}

/// One of the two images.
struct Compared {
    description: Description,
    image: Image,
    /// What tells its layers from others, the lowest first.
    keys: Vec<Digest>,
}

/// Compares two images, and their files if `files` says so, for which their layers are read: those that both have only
/// if others change something above them.
///
/// # Errors
/// If something can't be read, or there are more differences than can be held.
pub(crate) async fn diff(
    from: &mut Opened<'_>,
    to: &mut Opened<'_>,
    platform: Option<&Platform>,
    files: bool,
) -> Result<Difference, InspectError> {
    let (mut old, mut new) = (compared(from, platform).await?, compared(to, platform).await?);
    if let (Some(one), Some(other)) = (diff_ids(&old.image), diff_ids(&new.image)) {
        (old.keys, new.keys) = (one, other);
    }
    let shared = old.keys.iter().zip(&new.keys).take_while(|(one, other)| one == other).count();
    let files = match files {
        true => Some(compare_files(from, &old, to, &new, shared).await?),
        false => None,
    };
    let settings_of = |compared: &Compared| {
        compared.description.image.as_ref().and_then(|image| image.settings.clone()).unwrap_or_default()
    };
    let (old_settings, new_settings) = (settings_of(&old), settings_of(&new));
    let annotations = |compared: &Compared| {
        compared.description.image.as_ref().map(|image| image.annotations.clone()).unwrap_or_default()
    };
    let mut difference = Difference {
        name: new.description.name.clone(),
        from: old.description.name.clone(),
        same: false,
        settings: compare(&settings(&old.description), &settings(&new.description)),
        env: compare(&env(&old_settings), &env(&new_settings)),
        labels: compare(&old_settings.run.labels, &new_settings.run.labels),
        annotations: compare(&annotations(&old), &annotations(&new)),
        layers: layer_changes(&old, &new),
        files,
    };
    difference.same = difference.is_empty();
    Ok(difference)
}

impl Difference {
    fn is_empty(&self) -> bool {
        let Self { settings, env, labels, annotations, layers, files, .. } = self;
        let values = [settings, env, labels, annotations].into_iter().all(Vec::is_empty);
        let files = files.as_ref().is_none_or(|files| *files == FileChanges::default());
        values && layers.added.is_empty() && layers.removed.is_empty() && files
    }
}

async fn compared(opened: &mut Opened<'_>, platform: Option<&Platform>) -> Result<Compared, InspectError> {
    let image = opened.one_image(platform).await?;
    let description = describe(opened, platform).await?;
    let keys = image.layers.iter().map(|layer| digest(layer.key())).collect();
    Ok(Compared { description, image, keys })
}

fn digest(key: LayerKey) -> Digest {
    match key {
        LayerKey::Blob(digest) | LayerKey::DiffId(digest) => digest,
    }
}

/// The digests of an image's uncompressed layers, if its configuration names one for each.
fn diff_ids(image: &Image) -> Option<Vec<Digest>> {
    let config = Config::parse(image.config.as_deref()?).ok()?;
    Some(config.rootfs.diff_ids).filter(|diff_ids| diff_ids.len() == image.layers.len())
}

fn layer_changes(old: &Compared, new: &Compared) -> LayerChanges {
    let (known, wanted): (HashSet<&Digest>, HashSet<&Digest>) = (old.keys.iter().collect(), new.keys.iter().collect());
    let of = |compared: &Compared, is_meant: &dyn Fn(&Digest) -> bool| {
        let layers = compared.image.layers.iter().zip(&compared.keys).filter(|(_, key)| is_meant(key));
        layers.map(|(layer, _)| Blob::new(layer.clone())).collect()
    };
    LayerChanges {
        shared: of(new, &|key| known.contains(key)),
        removed: of(old, &|key| !wanted.contains(key)),
        added: of(new, &|key| !known.contains(key)),
    }
}

/// The files of an image above the layers that both share.
async fn own_files(opened: &mut Opened<'_>, compared: &Compared, shared: usize) -> Result<Side, InspectError> {
    let (name, mut side) = (opened.name(), Side::new());
    for numbered in numbered(&compared.image).skip(shared).rev() {
        let mut take = |batch: Vec<Record>| {
            let added = side.add(batch);
            added.map(|()| ControlFlow::Continue(())).map_err(|error| too_many(&name, error))
        };
        let _ = read(opened, numbered, true, &mut take).await?;
        side.end_layer();
    }
    Ok(side)
}

async fn compare_files(
    from: &mut Opened<'_>,
    old: &Compared,
    to: &mut Opened<'_>,
    new: &Compared,
    shared: usize,
) -> Result<FileChanges, InspectError> {
    let mut old_side = own_files(from, old, shared).await?;
    let mut new_side = own_files(to, new, shared).await?;
    let (name, mut both) = (from.name(), Shared::new());
    if !(old_side.is_empty() && new_side.is_empty()) {
        for numbered in numbered(&old.image).take(shared).rev() {
            let mut take = |batch: Vec<Record>| {
                let added = both.add(batch, &mut old_side, &mut new_side);
                added.map(|()| ControlFlow::Continue(())).map_err(|error| too_many(&name, error))
            };
            let _ = read(from, numbered, true, &mut take).await?;
            both.end_layer();
        }
    }
    both.end(old_side, new_side).map_err(|error| too_many(&name, error))
}

fn numbered(image: &Image) -> impl ExactSizeIterator<Item = Numbered<'_>> + DoubleEndedIterator {
    image.layers.iter().enumerate().map(|(index, layer): (usize, &Layer)| Numbered { number: index + 1, layer })
}

fn too_many(image: &Escaped, TooMany: TooMany) -> InspectError {
    InspectError::TooManyFiles { image: image.clone() }
}
