//! The form of the file, in which an issuer is of one of two kinds: of id tokens, or of certificates.

use std::path::PathBuf;

use serde::Deserialize;

use super::error::RulesError;
use super::types::{AuthoritySpec, IssuerSpec, Rule, Rules};
use crate::store::Name;

/// What a file has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RulesText {
    #[serde(default, rename = "issuer")]
    issuers: Vec<IssuerText>,
    #[serde(default, rename = "rule")]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct IssuerText {
    name: Name,
    url: Option<String>,
    audience: Option<String>,
    keys_file: Option<PathBuf>,
    authority_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
}

impl RulesText {
    /// The rules, with each issuer told by its kind.
    ///
    /// # Errors
    /// When an issuer is of both kinds, or of none.
    pub(super) fn into_rules(self) -> Result<Rules, RulesError> {
        let mut rules = Rules { issuers: Vec::new(), authorities: Vec::new(), rules: self.rules };
        for IssuerText { name, url, audience, keys_file, authority_file, ca_file } in self.issuers {
            if let Some(ca_file) = ca_file {
                if url.is_some() || audience.is_some() || keys_file.is_some() || authority_file.is_some() {
                    return Err(RulesError::BothKinds(name));
                }
                rules.authorities.push(AuthoritySpec { name, ca_file });
                continue;
            }
            let missing = |what| RulesError::Incomplete { issuer: name.clone(), what };
            let url = url.ok_or_else(|| missing("url"))?;
            let audience = audience.ok_or_else(|| missing("audience"))?;
            rules.issuers.push(IssuerSpec { name, url, audience, keys_file, authority_file });
        }
        Ok(rules)
    }
}
