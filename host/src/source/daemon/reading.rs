//! How the images of a daemon would be read here, and why: the same choice that is made for an image, without one.

use std::path::Path;
#[cfg(target_os = "linux")]
use std::path::PathBuf;

#[cfg(target_os = "linux")]
use super::{containerd, overlay2};
use crate::docker::{About, Engine};
use crate::text::Escaped;

/// A way to read images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reading {
    /// In the store of this kind, below this directory.
    Store(&'static str, Escaped),
    /// From an export of the daemon's, for this reason.
    Export(Escaped),
}

/// The way for images of a daemon. Nothing is read but directories.
pub(crate) async fn reading(engine: &Engine, about: &About, export_only: bool) -> Reading {
    if export_only {
        return Reading::Export("it is asked for".into());
    }
    if !engine.endpoint().is_local() {
        return Reading::Export(format!("`{}` may be another machine", engine.endpoint()).into());
    }
    let (root, driver) = (about.root.clone(), about.driver.clone().unwrap_or_default());
    let found = tokio::task::spawn_blocking(move || of_store(root.as_deref(), &driver)).await;
    found.unwrap_or_else(|panicked| Reading::Export(Escaped::of(panicked)))
}

#[cfg(target_os = "linux")]
fn of_store(root: Option<&Path>, driver: &str) -> Reading {
    let unknown = || Reading::Export("the daemon does not tell its root directory".into());
    if driver == overlay2::DRIVER {
        let Some(root) = root else { return unknown() };
        return match overlay2::readable(root) {
            Ok(()) => Reading::Store("overlay2", root.into()),
            Err(reason) => Reading::Export(reason.into()),
        };
    }
    let roots = [Some(PathBuf::from(containerd::SYSTEM)), root.map(|root| root.join(containerd::OWN))];
    let mut refused = None;
    for root in roots.into_iter().flatten() {
        match containerd::readable(&root) {
            Ok(()) => return Reading::Store("containerd", root.into()),
            Err(reason) => _ = refused.get_or_insert(reason),
        }
    }
    refused.map_or_else(unknown, |reason| Reading::Export(reason.into()))
}

/// Other systems run their daemons in a virtual machine.
#[cfg(not(target_os = "linux"))]
fn of_store(_: Option<&Path>, _: &str) -> Reading {
    Reading::Export("its store is in a virtual machine".into())
}
