//! The kubelet's configuration of crhost as its credential provider (`kubelet.config.k8s.io/v1`).

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use super::error::KubernetesError;
use super::go_duration::go_duration;
use super::match_image::MatchImage;
use super::provider::{ServiceAccountUse, VERSION};
use crate::environment::{EnvVars, Environment};
use crate::store::RegistryRecord;

/// The program's own name, by which a configuration names it.
pub(super) const OWN_NAME: &str = "crhost";

/// The words behind it that make it answer the kubelet.
pub(super) const OWN_WORDS: [&str; 2] = ["kubernetes", "credential-provider"];

/// The document (`CredentialProviderConfig` in `k8s.io/kubelet/config/v1`).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProviderConfig {
    api_version: &'static str,
    kind: &'static str,
    providers: [Provider; 1],
}

/// A provider.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Provider {
    /// The name of its file in the kubelet's directory of providers.
    name: &'static str,
    match_images: Vec<String>,
    default_cache_duration: String,
    api_version: &'static str,
    args: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    env: Vec<Variable>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_attributes: Option<TokenAttributes>,
}

/// A variable of its environment.
#[derive(Debug, Serialize)]
struct Variable {
    name: &'static str,
    value: String,
}

/// The token that it gets of the pod's service account.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TokenAttributes {
    service_account_token_audience: String,
    /// What the token is exchanged for lives for itself, and depends on the service account alone.
    cache_type: &'static str,
    require_service_account: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    required_service_account_annotation_keys: Vec<String>,
}

/// Where crhost keeps everything on the node.
#[derive(Clone, Copy)]
pub(crate) enum ProviderHome<'a> {
    /// In this directory.
    At(&'a Path),
    /// Where it is on this machine.
    AsHere(&'a Environment),
}

/// The use of service accounts on the node.
#[derive(Debug, Clone)]
pub(crate) struct ServiceAccounts {
    /// For whom tokens are made.
    pub(crate) audience: String,
    /// What becomes of them.
    pub(crate) used: ServiceAccountUse,
}

/// The configuration that has the kubelet ask crhost about these registries' images, and about no others.
///
/// # Errors
/// When there are no registries, or the kubelet's rules match no image of one.
pub(crate) fn provider_config(
    registries: &[RegistryRecord],
    home: ProviderHome<'_>,
    default_cache_duration: Duration,
    service_accounts: Option<ServiceAccounts>,
) -> Result<ProviderConfig, KubernetesError> {
    if registries.is_empty() {
        return Err(KubernetesError::NoRegistries);
    }
    let mut match_images: Vec<String> = registries.iter().map(|registry| registry.uri.to_string()).collect();
    match_images.sort();
    match_images.dedup();
    if let Some(registry) = unmatched(registries, &match_images).first() {
        let uri = registry.uri.to_string().into();
        return Err(KubernetesError::Unmatched { registry: registry.name.clone(), uri });
    }
    let mut args: Vec<String> = OWN_WORDS.map(str::to_owned).to_vec();
    let token_attributes = service_accounts.map(|ServiceAccounts { audience, used }| {
        args.extend(used.token_file.iter().map(|variable| format!("--token-file={variable}")));
        args.extend(used.annotations.iter().map(|(key, variable)| format!("--annotation={key}={variable}")));
        TokenAttributes {
            service_account_token_audience: audience,
            cache_type: "ServiceAccount",
            require_service_account: true,
            required_service_account_annotation_keys: used.annotations.into_keys().collect(),
        }
    });
    let provider = Provider {
        name: OWN_NAME,
        match_images,
        default_cache_duration: go_duration(default_cache_duration),
        api_version: VERSION,
        args,
        env: home.variables(),
        token_attributes,
    };
    Ok(ProviderConfig {
        api_version: "kubelet.config.k8s.io/v1",
        kind: "CredentialProviderConfig",
        providers: [provider],
    })
}

/// The registries of which the kubelet would find an image by none of these patterns.
pub(super) fn unmatched<'a>(registries: &'a [RegistryRecord], patterns: &[String]) -> Vec<&'a RegistryRecord> {
    let patterns: Vec<MatchImage> = patterns.iter().filter_map(|pattern| pattern.parse().ok()).collect();
    let is_unmatched = |registry: &&RegistryRecord| {
        let image = format!("{}/image", registry.uri);
        !patterns.iter().any(|pattern| pattern.matches(&image))
    };
    registries.iter().filter(is_unmatched).collect()
}

impl ProviderHome<'_> {
    /// The variables that lead there. A kubelet that systemd starts has no `HOME`.
    fn variables(self) -> Vec<Variable> {
        const ALL: [&str; 5] = [
            EnvVars::CRHOST_HOME,
            EnvVars::CRHOST_TRUST_DIRECTORY,
            EnvVars::HOME,
            EnvVars::XDG_DATA_HOME,
            EnvVars::XDG_CACHE_HOME,
        ];
        let text = |path: &Path| path.display().to_string();
        let variables: BTreeMap<&'static str, String> = match self {
            Self::At(directory) => BTreeMap::from([(EnvVars::CRHOST_HOME, text(directory))]),
            Self::AsHere(environment) => {
                let set = |name| environment.path(name).map(|value| (name, text(&value)));
                let mut set: BTreeMap<_, _> = ALL.into_iter().filter_map(set).collect();
                if set.contains_key(EnvVars::CRHOST_HOME) {
                    set.retain(|name, _| [EnvVars::CRHOST_HOME, EnvVars::CRHOST_TRUST_DIRECTORY].contains(name));
                } else {
                    set.extend(environment.home().map(|home| (EnvVars::HOME, text(home))));
                }
                set
            }
        };
        variables.into_iter().map(|(name, value)| Variable { name, value }).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const QUARTER: Duration = Duration::from_secs(900);

    fn registries(uris: &[&str]) -> Vec<RegistryRecord> {
        uris.iter().map(|uri| RegistryRecord::example("x", uri)).collect()
    }

    fn provider(uris: &[&str], home: ProviderHome<'_>, accounts: Option<ServiceAccounts>) -> Value {
        let config = provider_config(&registries(uris), home, QUARTER, accounts).unwrap();
        serde_json::to_value(config).unwrap()["providers"][0].take()
    }

    #[test]
    fn the_kubelet_is_told_of_each_registry_once_and_where_crhost_keeps_them() {
        let at = ProviderHome::At(Path::new("/var/lib/crhost"));
        let config = provider_config(&registries(&["ghcr.io/acme", "docker.io", "ghcr.io/acme"]), at, QUARTER, None);
        assert_eq!(
            serde_json::to_value(config.unwrap()).unwrap(),
            json!({
                "apiVersion": "kubelet.config.k8s.io/v1", "kind": "CredentialProviderConfig",
                "providers": [{
                    "name": "crhost", "matchImages": ["docker.io", "ghcr.io/acme"], "defaultCacheDuration": "15m0s",
                    "apiVersion": "credentialprovider.kubelet.k8s.io/v1",
                    "args": ["kubernetes", "credential-provider"],
                    "env": [{"name": "CRHOST_HOME", "value": "/var/lib/crhost"}],
                }],
            })
        );
    }

    #[test]
    fn the_home_of_this_machine_is_named_by_the_variables_that_lead_there() {
        for (variables, expected) in [
            (
                vec![("CRHOST_HOME", "/h"), ("HOME", "/root"), ("XDG_DATA_HOME", "/d")],
                json!([{"name": "CRHOST_HOME", "value": "/h"}]),
            ),
            (
                vec![("HOME", "/root"), ("XDG_DATA_HOME", "/d")],
                json!([{"name": "HOME", "value": "/root"}, {"name": "XDG_DATA_HOME", "value": "/d"}]),
            ),
        ] {
            let environment: Environment = variables.into_iter().collect();
            assert_eq!(provider(&["ghcr.io"], ProviderHome::AsHere(&environment), None)["env"], expected);
        }
    }

    #[test]
    fn tokens_of_service_accounts_are_asked_for_with_what_becomes_of_them() {
        let used = ServiceAccountUse {
            token_file: Some("TOKEN_FILE".parse().unwrap()),
            annotations: BTreeMap::from([("example.com/role".to_owned(), "ROLE".parse().unwrap())]),
        };
        let accounts = ServiceAccounts { audience: "registry.example.com".to_owned(), used };
        let provider = provider(&["ghcr.io"], ProviderHome::At(Path::new("/h")), Some(accounts));
        assert_eq!(
            provider["tokenAttributes"],
            json!({
                "serviceAccountTokenAudience": "registry.example.com", "cacheType": "ServiceAccount",
                "requireServiceAccount": true, "requiredServiceAccountAnnotationKeys": ["example.com/role"],
            })
        );
        let args = json!([
            "kubernetes",
            "credential-provider",
            "--token-file=TOKEN_FILE",
            "--annotation=example.com/role=ROLE"
        ]);
        assert_eq!(provider["args"], args);
    }

    #[test]
    fn a_registry_whose_images_the_kubelet_can_not_match_is_refused() {
        let home = ProviderHome::At(Path::new("/h"));
        for good in ["ghcr.io/acme", "localhost:5000", "[::1]:5000/team", "docker.io", "10.0.0.1:5000"] {
            provider_config(&registries(&[good]), home, QUARTER, None).unwrap();
        }
        let error = provider_config(&registries(&["ghcr.io", "[::1]/team"]), home, QUARTER, None).unwrap_err();
        assert!(error.to_string().contains("`[::1]/team`"), "{error}");
        assert!(provider_config(&[], home, QUARTER, None).is_err());
    }

    #[test]
    fn a_registry_that_no_pattern_of_another_configuration_matches_is_found() {
        let registries = registries(&["ghcr.io/acme", "acme.azurecr.example", "quay.io"]);
        let patterns = ["*.azurecr.example", "ghcr.io/acme", "quay.io:443"].map(str::to_owned);
        let found: Vec<String> =
            unmatched(&registries, &patterns).iter().map(|registry| registry.uri.to_string()).collect();
        assert_eq!(found, ["quay.io"]);
    }
}
