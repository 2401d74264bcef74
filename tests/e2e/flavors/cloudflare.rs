//! Cloudflare, against named fakes.
