//! Pushes: the images that arrive, and the requests that they take.

mod again;
mod all;
mod all_faults;
mod any_image;
mod content_store;
mod files;
mod layer_store;
mod mounts;
mod platforms;
mod progress;
mod several;
mod several_faults;
mod sources;
mod tags;
