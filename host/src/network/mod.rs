//! What every connection to another machine needs, whoever makes it: TLS that proves the other side.

pub(crate) mod tls;
