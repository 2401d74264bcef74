//! The built-in flavors, end to end.

mod any;
mod aws;
mod azure;
mod cloudflare;
mod digitalocean;
mod dockerhub;
mod gcp;
mod github;
mod gitlab;
mod harbor;
mod quay;
