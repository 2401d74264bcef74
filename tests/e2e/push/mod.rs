//! Pushes: what arrives, what is asked and sent for it, and what is left behind.

mod again;
mod any_image;
mod content_store;
mod files;
mod layer_store;
mod mounts;
mod platforms;
mod progress;
mod sources;
mod tags;
