//! What every connection to another machine needs, whoever makes it: names of this machine, the proxies of the
//! environment, TLS that proves the other side, and the words of a connection that fails.

mod client;
pub(crate) mod names;
mod pod;
pub(crate) mod proxies;
mod request_words;
pub(crate) mod tls;
mod words;

pub(crate) use client::{client, client_as, is_this_machine};
pub(crate) use pod::{Pod, PodError};
pub(crate) use request_words::{connection_words, refuses_certificate, request_words};
pub(crate) use words::io_words;
