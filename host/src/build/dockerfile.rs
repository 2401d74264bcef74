//! The images that a Dockerfile is built from: a builder gets the logins for their registries, and no others.

use std::collections::{BTreeMap, BTreeSet};

use crate::image::Reference;

/// The frontend images of BuildKit (`# syntax=`).
const SYNTAX: &str = "syntax";

/// All images that a Dockerfile names. A name with an argument that has no value is left out, as is a line that can't
/// be understood: the builder says what is wrong with it.
pub(super) fn images(text: &str, arguments: &BTreeMap<String, String>) -> BTreeSet<Reference> {
    let mut values = BTreeMap::new();
    let mut stages = BTreeSet::new();
    let mut images = BTreeSet::new();
    let mut add = |name: &str, stages: &BTreeSet<String>| {
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
        if name != "scratch" && !is_number && !stages.contains(&name.to_ascii_lowercase()) {
            images.extend(name.parse::<Reference>());
        }
    };
    for line in text.lines().map(str::trim).take_while(|line| line.starts_with('#')) {
        let directive = line.trim_start_matches('#').split_once('=');
        if let Some((name, image)) = directive
            && name.trim().eq_ignore_ascii_case(SYNTAX)
        {
            add(image.trim(), &stages);
        }
    }
    for line in lines(text) {
        let mut words = line.split_whitespace();
        let Some(instruction) = words.next().map(str::to_ascii_uppercase) else { continue };
        match instruction.as_str() {
            "ARG" => {
                for word in words {
                    let (name, default) = word.split_once('=').unwrap_or((word, ""));
                    let value = arguments.get(name).cloned().or_else(|| expanded(unquoted(default), &values));
                    values.insert(name.to_owned(), value.unwrap_or_default());
                }
            }
            "FROM" => {
                let mut words = words.filter(|word| !word.starts_with("--"));
                if let Some(name) = words.next().and_then(|name| expanded(unquoted(name), &values)) {
                    add(&name, &stages);
                }
                if words.next().is_some_and(|word| word.eq_ignore_ascii_case("as")) {
                    stages.extend(words.next().map(str::to_ascii_lowercase));
                }
            }
            "COPY" | "RUN" | "ADD" => {
                for flag in words.take_while(|word| word.starts_with("--")) {
                    let from = flag.strip_prefix("--from=").or_else(|| {
                        let options = flag.strip_prefix("--mount=")?;
                        options.split(',').find_map(|option| option.strip_prefix("from="))
                    });
                    if let Some(name) = from.and_then(|name| expanded(unquoted(name), &values)) {
                        add(&name, &stages);
                    }
                }
            }
            _ => {}
        }
    }
    images
}

/// Instructions, one a line: continued lines are joined, comments left out.
fn lines(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut line = String::new();
    for part in text.lines().filter(|part| !part.trim_start().starts_with('#')) {
        let part = part.trim_end();
        match part.strip_suffix('\\').or_else(|| part.strip_suffix('`')) {
            Some(part) => {
                line.push_str(part);
                line.push(' ');
            }
            None => {
                line.push_str(part);
                all.push(std::mem::take(&mut line));
            }
        }
    }
    all.push(line);
    all
}

fn unquoted(text: &str) -> &str {
    text.trim_matches(['"', '\''])
}

/// A text with its arguments replaced, `$NAME`, `${NAME}`, `${NAME:-DEFAULT}`; `None` where one has no value.
fn expanded(text: &str, values: &BTreeMap<String, String>) -> Option<String> {
    let mut all = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        all.push_str(before);
        let (name, default, behind) = match after.strip_prefix('{') {
            Some(braced) => {
                let (inner, behind) = braced.split_once('}')?;
                let (name, default) = inner.split_once(":-").map_or((inner, None), |(name, text)| (name, Some(text)));
                (name, default, behind)
            }
            None => {
                let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
                (after.get(..end)?, None, after.get(end..)?)
            }
        };
        let value = values.get(name).map(String::as_str).filter(|value| !value.is_empty()).or(default)?;
        all.push_str(value);
        rest = behind;
    }
    all.push_str(rest);
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, arguments: &[(&str, &str)]) -> Vec<String> {
        let arguments = arguments.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let hosts: BTreeSet<String> = images(text, &arguments).iter().map(|image| image.host().to_string()).collect();
        hosts.into_iter().collect()
    }

    #[test]
    fn the_registries_are_those_of_all_images_that_are_named() {
        let text = "# syntax=ghcr.io/acme/frontend:1\n\
            ARG BASE=python:3.12\nARG HOST\n\
            FROM --platform=$BUILDPLATFORM ${BASE} AS build\n\
            FROM ${HOST}/acme/base:1 as run\n\
            # FROM comment.example.com/x\n\
            COPY --from=build /a /b\nCOPY --from=0 /a /b\n\
            COPY \\\n  --from=copy.example.com/x /a /b\n\
            RUN --mount=type=bind,from=mount.example.com/y true\n\
            FROM scratch\nFROM build\nFROM $UNKNOWN/x\nFROM !!\n";
        assert_eq!(
            found(text, &[("HOST", "own.example.com:5000")]),
            ["copy.example.com", "docker.io", "ghcr.io", "mount.example.com", "own.example.com:5000"]
        );
        assert_eq!(found("FROM ${A:-quay.io/x}\n", &[]), ["quay.io"]);
        assert_eq!(found("ARG A=quay.io\nFROM $A/x\n", &[("A", "ghcr.io")]), ["ghcr.io"]);
    }
}
