//! The built-in flavors, end to end.

mod alibaba;
mod aws;
mod azure;
mod cloudflare;
mod cloudsmith;
mod default;
mod digitalocean;
mod dockerhub;
mod gcp;
mod gitea;
mod github;
mod gitlab;
mod harbor;
mod huawei;
mod ibm;
mod jfrog;
mod nexus;
mod oracle;
mod quay;
mod tencent;
mod transit;
