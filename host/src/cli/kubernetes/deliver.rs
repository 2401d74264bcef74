//! Where a Secret goes: to standard output, or to a cluster.

use serde::Serialize;

use super::super::failure::Failure;
use super::super::output::{self, Format};
use crate::error::Kind;
use crate::kubernetes::{Cluster, Entry, Namespace, ObjectName, Secret, pull_secret};
use crate::text::{Foreign, Moment};

/// A Secret's name, and where it goes.
pub(super) struct Delivery {
    /// The Secret's name.
    pub(super) name: ObjectName,
    /// Its namespace, where one was named.
    pub(super) namespace: Option<Namespace>,
    /// The cluster; without one, it is printed.
    pub(super) cluster: Option<Cluster>,
    /// The form of results.
    pub(super) format: Format,
    /// Whether others may follow it.
    pub(super) is_stream: bool,
}

/// A Secret that was applied to a cluster.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Applied {
    /// The Secret's name.
    name: ObjectName,
    /// Its namespace; absent where `kubectl` chose it.
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<Namespace>,
    /// The registries whose credentials it has.
    registries: Vec<String>,
    /// When the first of them ends, as RFC 3339 has it; absent where no end is known.
    until: Option<String>,
}

impl Delivery {
    /// Prints or applies the Secret with these credentials.
    pub(super) async fn deliver(&self, entries: &[Entry]) -> Result<(), Failure> {
        let until = entries.iter().filter_map(|entry| entry.login.expires_at).min().map(Moment);
        let (name, namespace) = (self.name.clone(), self.namespace.clone());
        let secret = pull_secret(name, namespace, entries, until.map(|until| until.to_string()))?;
        let Some(cluster) = &self.cluster else { return self.print(&secret) };
        cluster.apply(&secret).await?;
        let namespace = self.namespace.as_ref().or(cluster.namespace()).cloned();
        if self.format == Format::Name {
            output::print(&self.name.to_string());
            return Ok(());
        }
        if self.format == Format::Json {
            let registries = entries.iter().map(|entry| entry.registry.name.to_string()).collect();
            let until = until.map(|until| until.to_string());
            let applied = Applied { name: self.name.clone(), namespace, registries, until };
            if self.is_stream {
                output::print_json_compact(&applied)
            } else {
                output::print_json(&applied)
            }
            return Ok(());
        }
        let place = namespace.map_or_else(String::new, |namespace| format!(" in namespace `{namespace}`"));
        let time = until.map_or_else(String::new, |until| format!(", good until {until} ({})", until.distance()));
        output::say_line(&format!("applied the Secret `{}`{place}{time}", self.name));
        Ok(())
    }

    /// Prints a manifest: YAML, or JSON, of which one that others follow is on one line; or its name alone.
    fn print(&self, secret: &Secret) -> Result<(), Failure> {
        // Maps of strings, which JSON can always represent.
        let text = match (self.format, self.is_stream) {
            (Format::Name, _) => self.name.to_string(),
            (Format::Json, true) => serde_json::to_string(secret).unwrap_or_default(),
            (Format::Json, false) => serde_json::to_string_pretty(secret).unwrap_or_default(),
            (Format::Table, true) => format!("---\n{}", yaml(secret)?),
            (Format::Table, false) => yaml(secret)?,
        };
        output::print_secret(&text);
        Ok(())
    }
}

/// A document in YAML: texts of several lines as they are, and others on one line, since folded ones are not read alike
/// by all.
pub(super) fn yaml(document: &impl Serialize) -> Result<String, Failure> {
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    let mut text = String::new();
    serde_saphyr::to_fmt_writer_with_options(&mut text, document, options).map_err(|error| {
        let message = format!("the manifest can't be written as YAML: {}", Foreign(error));
        Failure::new(Kind::General, message, "`-o json` writes it as JSON")
    })?;
    Ok(text.trim_end().to_owned())
}
