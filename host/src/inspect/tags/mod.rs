//! The names in a list of a registry: which are wanted, and in which order.

mod filter;
mod natural;
mod version;

pub(crate) use filter::{Filter, Order, sort};
