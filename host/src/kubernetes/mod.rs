//! Credentials for Kubernetes: Secrets that pull images, renewed before they end, and the credential provider that the
//! kubelet asks; and commands of crhost as workloads, in manifests.
//!
//! Credentials are for a pull. This module knows the forms of Kubernetes, and no provider of registries or of
//! clusters.

mod apply;
mod error;
mod go_duration;
pub(crate) mod kubelet;
mod match_image;
mod names;
mod provider;
mod provider_config;
mod pull_secret;
mod renewal;
mod running;
mod workload;

pub(crate) use apply::Cluster;
pub(crate) use names::{Namespace, ObjectName, WorkloadName};
pub(crate) use provider::{PROGRAM, Request, ServiceAccountUse, VariableName, answer, ask, find_kept, wanted};
pub(crate) use provider_config::{ProviderHome, ServiceAccounts, provider_config};
pub(crate) use pull_secret::{Entry, Secret, pull_secret};
pub(crate) use renewal::Renewal;
pub(crate) use running::running_images;
pub(crate) use workload::{
    Directory, Files, HANDED_ON, Job, Mount, Mounted, Quantity, Runs, Schedule, SecretKey, Server, TOKEN_FILE,
    Variable, Workload,
};
