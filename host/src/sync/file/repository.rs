//! The repositories of a mirror: names, and patterns that are looked for in the registry's catalog.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};

use crate::copy::filter::TagFilter;
use crate::image::{Repository, Tag};
use crate::patterns::Pattern;

/// The repositories of a mirror.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub(crate) struct Repositories(pub(super) Vec<Wanted>);

/// A repository, or all that a pattern matches.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The path below the source, or a pattern of such paths.
    pub(crate) path: Pattern,
    /// The path below the target, where it is another one. Patterns have none.
    pub(crate) named: Option<Repository>,
    /// The tags, where they are other ones than the mirror's.
    pub(crate) tags: Option<TagFilter>,
}

/// The long form of an entry.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Long {
    /// The path below the source, or a pattern: `team/*`, or `**` for all that the registry's catalog lists.
    path: String,
    /// The path below the target, where it is another one.
    #[serde(default, rename = "as")]
    named: Option<String>,
    /// The tags, where they are other ones than the mirror's.
    #[serde(default)]
    tags: Option<Tags>,
}

/// Tags: a filter, or patterns alone.
#[derive(Debug, Clone)]
pub(crate) struct Tags(pub(crate) TagFilter);

impl Wanted {
    /// The short form: `path`, or `path:tag`.
    fn short(text: &str) -> Result<Self, String> {
        if text.contains('@') {
            return Err(format!("`{text}` has a digest; a sync follows tags, and `crhost copy` copies by digest"));
        }
        match text.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => {
                let tag: Tag = tag.parse().map_err(|error| format!("{error}"))?;
                Ok(Self { tags: Some(TagFilter::only(&tag)), ..Self::at(path)? })
            }
            _ => Self::at(text),
        }
    }

    fn at(path: &str) -> Result<Self, String> {
        let path: Pattern = path.parse().map_err(|error| format!("{error}"))?;
        if path.is_literal() {
            path.as_str().parse::<Repository>().map_err(|error| format!("{error}"))?;
        }
        Ok(Self { path, named: None, tags: None })
    }

    fn long(Long { path, named, tags }: Long) -> Result<Self, String> {
        let short = Self::short(&path)?;
        let named = named.map(|named| named.parse::<Repository>().map_err(|error| format!("{error}"))).transpose()?;
        if named.is_some() && !short.path.is_literal() {
            return Err(format!("`as` names one repository, and `{path}` may match several"));
        }
        if short.tags.is_some() && tags.is_some() {
            return Err(format!("`{path}` has a tag, and `tags` beside it"));
        }
        Ok(Self { named, tags: tags.map(|Tags(filter)| filter).or(short.tags), path: short.path })
    }
}

impl<'de> Deserialize<'de> for Wanted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entry;

        impl<'de> Visitor<'de> for Entry {
            type Value = Wanted;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a repository such as `team/train`, or an entry with `path`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Wanted, E> {
                Wanted::short(text).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Wanted, A::Error> {
                let long = Long::deserialize(MapAccessDeserializer::new(map))?;
                Wanted::long(long).map_err(A::Error::custom)
            }
        }

        deserializer.deserialize_any(Entry)
    }
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Filter;

        impl<'de> Visitor<'de> for Filter {
            type Value = Tags;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of tags and patterns, or `include`, `exclude`, `regex`, `semver` and `newest`")
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, list: A) -> Result<Tags, A::Error> {
                let include = Deserialize::deserialize(serde::de::value::SeqAccessDeserializer::new(list))?;
                Ok(Tags(TagFilter { include, ..TagFilter::default() }))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Tags, A::Error> {
                TagFilter::deserialize(MapAccessDeserializer::new(map)).map(Tags)
            }
        }

        deserializer.deserialize_any(Filter)
    }
}

#[cfg(test)]
mod schema {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use super::{Long, TagFilter, Tags, Wanted};
    use crate::patterns::Patterns;

    impl JsonSchema for Wanted {
        fn schema_name() -> Cow<'static, str> {
            "Wanted".into()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            let long = generator.subschema_for::<Long>();
            json_schema!({
                "description": "A repository, or all that a pattern matches.",
                "anyOf": [{ "type": "string", "description": "`path`, or `path:tag`" }, long],
            })
        }
    }

    impl JsonSchema for Tags {
        fn schema_name() -> Cow<'static, str> {
            "Tags".into()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            let (list, filter) = (generator.subschema_for::<Patterns>(), generator.subschema_for::<TagFilter>());
            json_schema!({ "description": "Tags: a filter, or patterns alone.", "anyOf": [list, filter] })
        }
    }
}
