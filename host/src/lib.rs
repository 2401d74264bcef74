//! crhost pushes container images to any registry; what is special about a registry is known by a *flavor*, a sandboxed
//! WebAssembly component.
//!
//! The layers point one way: [`push`], [`registry`], [`access`] and [`connector`] are the use cases; [`flavor`], [`source`],
//! [`distribution`], [`docker`], [`store`], [`machine`] and [`serve`] are the adapters below them; [`image`], [`grant`],
//! [`credential`], [`address`] and [`error`] are the words that all share. `flavor` does not know `push`, and `distribution` does not know `flavor`.

pub mod access;
pub mod address;
pub mod cli;
pub mod connector;
pub mod credential;
pub mod distribution;
pub mod docker;
pub mod error;
pub mod flavor;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
pub mod grant;
pub mod image;
pub mod machine;
pub mod push;
pub mod registry;
pub mod serve;
pub mod source;
pub mod store;
pub mod text;
