//! Links within the repository lead to files and headings that exist, and so do the paths that the documents name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{Document, documents};
use crate::support::programs::crhost::repository;

/// What a path in the text begins with. One that begins otherwise may be the user's.
const TOP: [&str; 9] = ["host/", "flavors/", "tests/", "xtask/", "wit/", "docs/", "examples/", ".ci/", ".github/"];

#[test]
fn every_link_within_the_repository_leads_to_a_file_and_a_heading() {
    let documents = documents();
    let anchors: BTreeMap<&Path, BTreeSet<String>> =
        documents.iter().map(|document| (document.path.as_path(), anchors(&document.text))).collect();
    let mut count = 0;
    for Document { path, text } in &documents {
        for link in links(text).iter().filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
            count += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { resolved(path, file) };
            assert!(repository().join(&target).exists(), "{}: {link}: there is no such file", path.display());
            let known = anchor.is_empty() || anchors.get(target.as_path()).is_some_and(|known| known.contains(anchor));
            assert!(known, "{}: {link}: there is no such heading", path.display());
        }
    }
    assert!(count > 50, "{count} links");
}

#[test]
fn every_path_of_the_repository_that_the_documents_name_exists() {
    for Document { path, text } in documents() {
        for code in codes(&text).iter().filter(|code| TOP.iter().any(|top| code.starts_with(top))) {
            // Such a path stands for many.
            if code.contains([' ', '{', '*', '…']) || code.contains("NAME") {
                continue;
            }
            // A module is named without the ending of its file.
            let file = repository().join(code);
            assert!(file.exists() || file.with_extension("rs").exists(), "{}: there is no `{code}`", path.display());
        }
    }
}

/// Where a link of a document leads, from the repository's root.
fn resolved(document: &Path, link: &str) -> PathBuf {
    let mut path = document.parent().unwrap().to_owned();
    for component in Path::new(link).components() {
        match component {
            Component::ParentDir => assert!(path.pop(), "{}: {link} leads out", document.display()),
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path
}

fn events(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES)
}

fn links(text: &str) -> Vec<String> {
    let link = |event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url.into_string()),
        _ => None,
    };
    events(text).filter_map(link).collect()
}

fn codes(text: &str) -> Vec<String> {
    let code = |event| match event {
        Event::Code(code) => Some(code.into_string()),
        _ => None,
    };
    events(text).filter_map(code).collect()
}

/// What leads to a heading, as GitHub makes it: lower case, spaces as hyphens, no punctuation.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut heading: Option<String> = None;
    for event in events(text) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
                let slug: String = heading.take().unwrap_or_default().chars().filter(kept).collect();
                found.insert(slug.to_lowercase().replace(' ', "-"));
            }
            _ => {}
        }
    }
    found
}

#[test]
fn a_heading_is_reached_as_it_is_written_without_punctuation() {
    let found = anchors("# Where things go\n\n## A host's `certificate`\n");
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["a-hosts-certificate", "where-things-go"]);
    assert_eq!(resolved(Path::new("docs/guide/a.md"), "../b.md"), Path::new("docs/b.md"));
}
