//! The part of the fake of Google that is Artifact Registry's API.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::google::refused;
use crate::support::fakes::api::Answer;

/// What it keeps, by name; and how it answers.
pub(super) struct Repositories {
    pub(super) kept: BTreeMap<String, Value>,
    /// Repositories that are created and not ready.
    creating: BTreeMap<String, Value>,
    /// How often an operation is polled before it is done.
    pub(super) slowness: usize,
    /// A permission that every client lacks.
    pub(super) denied: Option<&'static str>,
}

impl Default for Repositories {
    fn default() -> Self {
        let mut new = Self { kept: BTreeMap::new(), creating: BTreeMap::new(), slowness: 0, denied: None };
        new.add("europe-west1", "my-repo", json!({"format": "DOCKER", "mode": "STANDARD_REPOSITORY"}));
        new
    }
}

impl Repositories {
    /// Adds one to `my-project`.
    pub(super) fn add(&mut self, location: &str, name: &str, settings: Value) {
        self.kept.insert(name_of(location, name), settings);
    }

    pub(super) fn answer(&mut self, method: &str, path: &str, query: &str, body: &str) -> Answer {
        let parts: Vec<&str> = path.trim_start_matches("/v1/").split('/').collect();
        match (method, parts.as_slice()) {
            ("GET", ["projects", "my-project", "locations"]) => {
                let location =
                    |id: &&str| json!({"locationId": id, "name": format!("projects/my-project/locations/{id}")});
                let locations: Vec<Value> = ["europe-west1", "us", "us-east4"].iter().map(location).collect();
                (200, Vec::new(), json!({"locations": locations}))
            }
            ("GET", ["projects", "my-project", "locations", location, "repositories"]) => self.page(location, query),
            ("POST", ["projects", "my-project", "locations", location, "repositories"]) => {
                self.create(location, query, body)
            }
            ("GET", ["projects", "my-project", "locations", location, "repositories", name]) => {
                self.get(location, name)
            }
            ("GET", ["projects", "my-project", "locations", _, "operations", name]) => self.operation(name),
            _ => denied("artifactregistry.repositories.get"),
        }
    }

    fn get(&self, location: &str, name: &str) -> Answer {
        const PERMISSION: &str = "artifactregistry.repositories.get";
        match self.kept.get(&name_of(location, name)) {
            _ if self.denied == Some(PERMISSION) => denied(PERMISSION),
            Some(found) => (200, Vec::new(), found.clone()),
            None => refused(404, "NOT_FOUND", "Requested entity was not found."),
        }
    }

    /// One repository a page.
    fn page(&self, location: &str, query: &str) -> Answer {
        let wanted = query.split('&').find_map(|pair| pair.strip_prefix("pageToken="));
        let prefix = name_of(location, "");
        let page = wanted.map_or(0, |token| token.trim_start_matches("page").parse::<usize>().unwrap());
        let here: Vec<Value> = self
            .kept
            .iter()
            .filter(|(name, _)| name.starts_with(&prefix))
            .map(|(name, settings)| {
                let mut found = settings.clone();
                found["name"] = json!(name);
                found
            })
            .collect();
        let next =
            if page + 1 < here.len() { json!({"nextPageToken": format!("page{}", page + 1)}) } else { json!({}) };
        let mut answer = next;
        if let Some(found) = here.get(page) {
            answer["repositories"] = json!([found]);
        }
        (200, Vec::new(), answer)
    }

    fn create(&mut self, location: &str, query: &str, body: &str) -> Answer {
        const PERMISSION: &str = "artifactregistry.repositories.create";
        let name = query.strip_prefix("repositoryId=").unwrap();
        let full = name_of(location, name);
        if self.denied == Some(PERMISSION) {
            return denied(PERMISSION);
        }
        if self.kept.contains_key(&full) || self.creating.contains_key(&full) {
            return refused(409, "ALREADY_EXISTS", "the repository already exists");
        }
        let settings: Value = serde_json::from_str(body).unwrap();
        self.creating.insert(full, settings);
        let operation = format!("projects/my-project/locations/{location}/operations/0a1b");
        (200, Vec::new(), json!({"name": operation, "metadata": {"@type": "OperationMetadata"}}))
    }

    fn operation(&mut self, name: &str) -> Answer {
        if self.slowness > 0 {
            self.slowness -= 1;
            // The client has gone, and Google completes the operation.
            if self.slowness == 0 {
                self.finish();
            }
            return (200, Vec::new(), json!({"name": name}));
        }
        self.finish();
        (200, Vec::new(), json!({"name": name, "done": true, "response": {}}))
    }

    fn finish(&mut self) {
        self.kept.append(&mut self.creating);
    }
}

fn name_of(location: &str, name: &str) -> String {
    format!("projects/my-project/locations/{location}/repositories/{name}")
}

/// As Google says it where a permission is missing, or the resource.
fn denied(permission: &str) -> Answer {
    let words = format!(
        "Permission '{permission}' denied on resource '//artifactregistry.googleapis.com/…' (or it may not exist)."
    );
    refused(403, "PERMISSION_DENIED", &words)
}
