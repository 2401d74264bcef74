//! The built-in flavors, end to end.

mod aws;
mod azure;
mod cloudflare;
mod default;
mod digitalocean;
mod dockerhub;
mod gcp;
mod gitea;
mod github;
mod gitlab;
mod harbor;
mod ibm;
mod jfrog;
mod oracle;
mod quay;
