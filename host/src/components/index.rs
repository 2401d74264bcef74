//! An index of components: a JSON document that anybody can host as an artifact.
//!
//! Whoever may push to its repository can write anything into it, so that each entry is checked and shown escaped, and
//! says no more than where a component can be had: what that is and asks for is shown when it is registered.

use semver::Version;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::publication::{Publication, Role};
use crate::flavor::{FlavorName, limits};
use crate::image::{Digest, Reference};
use crate::json::{self, Malformed};
use crate::text::Escaped;

/// The media type of the document, and of the artifact that holds it.
pub(super) const INDEX: &str = "application/vnd.crhost.index.v1+json";

/// Most entries that are read. Each has some hundred bytes, and a registry gives 4 MiB at once.
const MAX_ENTRIES: usize = 20_000;

/// An entry as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    /// What the component is for.
    role: Role,
    /// Its name.
    name: String,
    /// Its version.
    version: String,
    /// Its purpose, in one line.
    #[serde(default)]
    summary: String,
    /// Where to read more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    documentation: Option<String>,
    /// URIs of registries that a flavor is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    uri_examples: Vec<String>,
    /// The version of the contract that it exports.
    #[serde(default)]
    contract: String,
    /// Where it is: host, repository and tag.
    reference: String,
    /// The digest of its artifact's manifest.
    digest: Digest,
}

/// A component that an index lists, fit to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Listed {
    /// Its name.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) name: FlavorName,
    /// What it is for.
    pub(crate) role: Role,
    /// Its version.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) version: Version,
    /// Its purpose, as the index says.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) summary: Escaped,
    /// Where to read more, as the index says.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) documentation: Option<Escaped>,
    /// URIs of registries that a flavor is for, as the index says.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) uri_examples: Vec<Escaped>,
    /// The version of the contract that it exports, as the index says.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) contract: Escaped,
    /// Where it is, ready to be registered: `oci://` with host, repository, tag and digest.
    pub(crate) reference: String,
    /// The digest of its artifact's manifest.
    pub(crate) digest: Digest,
    /// The index that lists it.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) index: Escaped,
}

impl Entry {
    /// The entry of what was published, under this name with its tag.
    pub(super) fn new(publication: &Publication, reference: String, digest: Digest) -> Self {
        Self {
            role: publication.role,
            name: publication.name.clone(),
            version: publication.version.to_string(),
            summary: publication.summary.clone(),
            documentation: publication.documentation.clone(),
            uri_examples: publication.uri_examples.clone(),
            contract: publication.contract.to_string(),
            reference,
            digest,
        }
    }

    /// Where it is, if that is a whole name.
    fn place(&self) -> Option<Reference> {
        Reference::names_host(&self.reference).then(|| self.reference.parse().ok())?
    }

    /// The host and the repository.
    fn repository(&self) -> Option<String> {
        self.place().map(|place| place.name())
    }

    /// The entry as it can be shown, if what has to be exact is.
    fn listed(self, index: &Escaped) -> Option<Listed> {
        let place = self.place()?;
        let (host, repository) = (place.host().clone(), place.repository().clone());
        let pinned = Reference::new(host, repository, place.tag().cloned(), Some(self.digest.clone()));
        Some(Listed {
            name: self.name.parse().ok()?,
            role: self.role,
            version: Version::parse(&self.version).ok().filter(|_| self.version.len() <= limits::VERSION_BYTES)?,
            summary: Escaped::new(&self.summary, limits::SUMMARY_CHARS),
            documentation: self.documentation.map(|url| Escaped::new(&url, limits::TEXT_CHARS)),
            uri_examples: self.uri_examples.iter().take(8).map(|uri| Escaped::new(uri, limits::URI_BYTES)).collect(),
            contract: Escaped::new(&self.contract, limits::VERSION_BYTES),
            reference: crate::catalog::remote_origin(&pinned),
            digest: self.digest,
            index: index.clone(),
        })
    }
}

/// The document of an index. Members and entries that this crhost does not know stay as they are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Document {
    members: Map<String, Value>,
    components: Vec<Value>,
}

impl Document {
    /// An index without entries.
    pub(super) fn empty() -> Self {
        let members = json!({ "schemaVersion": 1 }).as_object().cloned().unwrap_or_default();
        Self { members, components: Vec::new() }
    }

    /// Reads an index.
    ///
    /// # Errors
    /// When it is no object with a list of components.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        #[derive(Deserialize)]
        struct Raw {
            components: Vec<Value>,
            #[serde(flatten)]
            members: Map<String, Value>,
        }
        let Raw { components, members } = json::read(bytes)?;
        Ok(Self { members, components })
    }

    /// Its bytes.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut members = self.members.clone();
        members.insert("components".to_owned(), self.components.clone().into());
        // What was JSON can always be written as JSON.
        serde_json::to_vec(&members).unwrap_or_default()
    }

    /// Adds an entry in the place of that of the same repository. Gives the version that stays instead, where that is a
    /// later one.
    pub(super) fn add(&mut self, entry: &Entry) -> Option<Version> {
        let repository = entry.repository();
        let read = |value: &Value| serde_json::from_value::<Entry>(value.clone()).ok();
        let version = |entry: &Entry| Version::parse(&entry.version).ok();
        let at = self.components.iter().position(|value| read(value).and_then(|it| it.repository()) == repository);
        let Some(place) = at.and_then(|at| self.components.get_mut(at)) else {
            self.components.push(json!(entry));
            return None;
        };
        let later = read(place).as_ref().and_then(version).filter(|there| Some(there) > version(entry).as_ref());
        if later.is_none() {
            *place = json!(entry);
        }
        later
    }

    /// The entries that can be shown, and how many can't.
    pub(super) fn listed(self, index: &Escaped) -> (Vec<Listed>, usize) {
        let number = self.components.len();
        let listed: Vec<Listed> = self
            .components
            .into_iter()
            .take(MAX_ENTRIES)
            .filter_map(|value| serde_json::from_value::<Entry>(value).ok()?.listed(index))
            .collect();
        let left_out = number - listed.len();
        (listed, left_out)
    }
}

impl Listed {
    /// Whether it is what a user looks for: a word of its name, its purpose, its place, or a registry that it is for.
    pub(super) fn is_about(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        let texts = [self.name.as_str(), self.summary.as_str(), self.reference.as_str()];
        let examples = self.uri_examples.iter().map(Escaped::as_str);
        texts.into_iter().chain(examples).any(|text| text.to_lowercase().contains(&word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(reference: &str, version: &str) -> Entry {
        let value = json!({
            "role": "flavor", "name": "myreg", "version": version, "reference": reference, "digest": Digest::of(b"x"),
        });
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_repository_is_listed_once_in_its_latest_version() {
        let mut index = Document::empty();
        assert_eq!(index.add(&entry("ghcr.io/acme/myreg:1.0.0", "1.0.0")), None);
        assert_eq!(index.add(&entry("ghcr.io/other/myreg:1.0.0", "1.0.0")), None);
        assert_eq!(index.add(&entry("ghcr.io/acme/myreg:1.10.0", "1.10.0")), None);
        let later = index.add(&entry("ghcr.io/acme/myreg:1.9.0", "1.9.0"));
        assert_eq!(later, Some("1.10.0".parse().unwrap()));
        let (listed, left_out) = Document::read(&index.to_bytes()).unwrap().listed(&"i".into());
        let versions: Vec<String> = listed.iter().map(|one| one.version.to_string()).collect();
        assert_eq!((versions, left_out), (vec!["1.10.0".to_owned(), "1.0.0".to_owned()], 0));
    }

    #[test]
    fn entries_and_members_of_others_stay_as_they_are() {
        let text = r#"{"schemaVersion":1,"title":"ours","components":[{"role":"oracle","x":1}]}"#;
        let mut index = Document::read(text.as_bytes()).unwrap();
        index.add(&entry("ghcr.io/acme/myreg:1.0.0", "1.0.0"));
        let written: Value = serde_json::from_slice(&index.to_bytes()).unwrap();
        assert_eq!((&written["title"], &written["components"][0]["x"]), (&json!("ours"), &json!(1)));
        let (listed, left_out) = index.listed(&"i".into());
        assert_eq!((listed.len(), left_out), (1, 1));
    }

    #[test]
    fn what_an_entry_says_can_do_no_harm_and_what_has_to_be_exact_is_or_the_entry_is_left_out() {
        let good = json!({
            "role": "flavor", "name": "myreg", "version": "1.0.0", "reference": "ghcr.io/acme/myreg:1.0.0",
            "digest": Digest::of(b"x"), "summary": "\u{1b}[2J good\nerror: call", "uriExamples": ["\u{202e}x"],
        });
        let changed = |member: &str, value: Value| {
            let mut entry = good.clone();
            entry[member] = value;
            entry
        };
        let components = vec![
            good.clone(),
            changed("name", json!("a b")),
            changed("name", json!("\u{1b}[31m")),
            changed("version", json!("latest")),
            changed("reference", json!("ghcr.io/acme/myreg:1 --yes")),
            changed("reference", json!("myreg")),
            changed("digest", json!("sha256:12")),
            changed("role", json!("root")),
            json!(7),
        ];
        let text = json!({ "components": components }).to_string();
        let (listed, left_out) = Document::read(text.as_bytes()).unwrap().listed(&"i".into());
        assert_eq!((listed.len(), left_out), (1, 8));
        let [one] = listed.as_slice() else { panic!() };
        assert!(!one.summary.contains('\u{1b}') && !one.summary.contains('\n'), "{}", one.summary);
        assert!(!one.uri_examples[0].contains('\u{202e}'));
        assert_eq!(one.reference, format!("oci://ghcr.io/acme/myreg:1.0.0@{}", Digest::of(b"x")));
        assert!(one.is_about("MYREG") && one.is_about("acme") && !one.is_about("quay"));
        for bad in ["[]", "{}", r#"{"components":{}}"#, "", "x"] {
            assert!(Document::read(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
