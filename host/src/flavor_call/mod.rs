//! One call of one export of a component that is a file: nothing is registered, and nothing is stored.
//!
//! The component runs under the limits, the grants and the egress client of every other call. What is different are its
//! surroundings: all that it does is observed, and recorded exchanges may stand in place of the network.
//!
//! A caller loads a [`Component`], makes an [`Input`] and gets an [`Outcome`].

mod answer;
mod comparison;
mod component;
mod connector;
mod error;
mod export;
mod input;
mod outcome;
mod placeholders;
mod policy;
mod recording;
mod registry;
mod stopped;

pub(crate) use answer::{Answer, Credential};
pub(crate) use comparison::{Difference, differences};
pub(crate) use component::Component;
pub(crate) use error::FlavorCallError;
pub(crate) use export::Export;
pub(crate) use input::Input;
pub(crate) use outcome::{Given, Outcome, call};
pub(crate) use recording::{Fixed, RecordedCall, directories, ensure_recordable, record};
pub(crate) use stopped::Stopped;
