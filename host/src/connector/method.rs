//! Finds the auth method of a connector among those that flavors describe.

use std::collections::BTreeSet;

use super::error::ConnectorError;
use crate::flavor::{AuthMethod, Description, Field, FieldKind, ImplicitSource};
use crate::text::Escaped;

/// The auth methods of a type, each with the description that it is from: all of them, or those of a name.
///
/// # Errors
/// When no flavor describes the type or the method.
pub(crate) fn of_type<'a>(
    descriptions: &'a [Description],
    connector_type: &str,
    name: Option<&str>,
) -> Result<Vec<(&'a Description, &'a AuthMethod)>, ConnectorError> {
    let is_wanted = |method: &&AuthMethod| {
        method.connector_type.as_str() == connector_type && name.is_none_or(|name| method.name.as_str() == name)
    };
    let methods = |description: &'a Description| {
        description.auth_methods.iter().filter(is_wanted).map(move |method| (description, method))
    };
    let found: Vec<_> = descriptions.iter().flat_map(methods).collect();
    if found.is_empty() {
        find(descriptions, connector_type, name)?;
    }
    Ok(found)
}

/// The auth method of a type and a name; without a name, the only one of the type.
///
/// # Errors
/// When no flavor describes it, several do so differently, or the type has several and none was named.
pub(crate) fn find<'a>(
    descriptions: &'a [Description],
    connector_type: &str,
    name: Option<&str>,
) -> Result<&'a AuthMethod, ConnectorError> {
    let methods = || descriptions.iter().flat_map(|description| &description.auth_methods);
    let names = distinct(
        methods().filter(|method| method.connector_type.as_str() == connector_type).map(|method| method.name.as_str()),
    );
    let name = match (names.as_slice(), name) {
        ([], _) => {
            return Err(ConnectorError::UnknownType {
                connector_type: Escaped::new(connector_type, 80),
                flavor: if let [one] = descriptions { Some(one.name.clone()) } else { None },
                known: owned(&distinct(methods().map(|method| method.connector_type.as_str()))),
            });
        }
        ([one], None) => one,
        (several, None) => {
            return Err(ConnectorError::NoMethod { connector_type: connector_type.into(), known: owned(several) });
        }
        (_, Some(name)) => name,
    };
    let described = |description: &'a Description| {
        description.auth_method(connector_type, name).map(|method| (&description.name, method))
    };
    let candidates: Vec<_> = descriptions.iter().filter_map(described).collect();
    let Some((_, method)) = candidates.first().copied() else {
        return Err(ConnectorError::UnknownMethod {
            connector_type: connector_type.into(),
            method: Escaped::new(name, 80),
            known: owned(&names),
        });
    };
    if candidates.iter().all(|(_, other)| agree(other, method)) {
        Ok(method)
    } else {
        Err(ConnectorError::Ambiguous {
            method: format!("{connector_type}/{name}").into(),
            flavors: candidates.into_iter().map(|(flavor, _)| flavor.clone()).collect(),
        })
    }
}

/// Whether two descriptions of a method lead to the same stored fields.
#[must_use]
pub(crate) fn agree(one: &AuthMethod, other: &AuthMethod) -> bool {
    fields(one) == fields(other)
}

type Shape<'a> = (&'a str, FieldKind, bool, BTreeSet<&'a str>, &'a [ImplicitSource]);

/// The parts of a method in which several descriptions must agree: whether it is implicit, and for each field its name,
/// its kind, whether it is required, its public members and its sources. Wording and order of the fields may differ.
fn fields(method: &AuthMethod) -> (bool, Vec<Shape<'_>>) {
    let mut fields: Vec<Shape<'_>> = method.fields.iter().map(shape).collect();
    fields.sort_by_key(|field| field.0);
    (method.implicit, fields)
}

fn shape(field: &Field) -> Shape<'_> {
    let members = field.public_members.iter().map(String::as_str).collect();
    (field.name.as_str(), field.kind, field.required, members, &field.sources)
}

/// Each name once, in the order of first mention: flavors name the recommended method first.
fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut distinct = Vec::new();
    for name in names {
        if !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    distinct
}

fn owned(names: &[&str]) -> Vec<Escaped> {
    names.iter().map(|&name| name.into()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::examples::{description, field, method};
    use super::*;
    use crate::error::Explain as _;
    use FieldKind::{Secret, SecretJson, Text};

    #[test]
    fn a_method_is_found_by_its_name_or_as_the_only_one() {
        let flavors = [
            description("one", vec![method("aws", "key", vec![field("id", Text)])]),
            description("two", vec![method("vault", "password", vec![]), method("vault", "key", vec![])]),
        ];
        assert_eq!(find(&flavors, "aws", None).unwrap().name.as_str(), "key");
        assert_eq!(find(&flavors, "vault", Some("key")).unwrap().connector_type.as_str(), "vault");
        match find(&flavors, "vault", None) {
            Err(ConnectorError::NoMethod { known, .. }) => assert_eq!(known, ["password", "key"]),
            other => panic!("{other:?}"),
        }
        match find(&flavors, "vault", Some("token")) {
            Err(ConnectorError::UnknownMethod { known, .. }) => assert_eq!(known, ["password", "key"]),
            other => panic!("{other:?}"),
        }
        let mistyped = find(&flavors, "valut", None).unwrap_err();
        assert_eq!(mistyped.to_string(), "unknown connector type `valut`");
        assert_eq!(mistyped.hint().unwrap(), "did you mean `vault`? connector types: `aws`, `vault`");
        match find(&flavors, "azure", None) {
            Err(ConnectorError::UnknownType { known, .. }) => assert_eq!(known.len(), 2),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn flavors_that_describe_a_method_differently_make_it_ambiguous() {
        let fields = || vec![field("id", Text), field("key", SecretJson)];
        let public = |mut fields: Vec<Field>, members: &[&str]| {
            fields[1].public_members = members.iter().map(|&member| member.to_owned()).collect();
            fields
        };
        let optional = || {
            let mut fields = fields();
            fields[0].required = false;
            fields
        };
        let agree = |one, two| {
            let flavors = [
                description("one", vec![method("aws", "key", one)]),
                description("two", vec![method("aws", "key", two)]),
            ];
            match find(&flavors, "aws", Some("key")) {
                Ok(_) => true,
                Err(ConnectorError::Ambiguous { flavors, .. }) => {
                    assert_eq!(flavors.len(), 2);
                    false
                }
                Err(other) => panic!("{other}"),
            }
        };
        let turned = || fields().into_iter().rev().collect();
        assert!(agree(fields(), turned()));
        assert!(agree(public(fields(), &["a", "b"]), public(fields(), &["b", "a"])));
        assert!(!agree(fields(), vec![field("id", Secret), field("key", SecretJson)]));
        assert!(!agree(fields(), vec![field("id", Text)]));
        assert!(!agree(fields(), vec![field("id", Text), field("other", SecretJson)]));
        assert!(!agree(fields(), public(fields(), &["private_key"])));
        assert!(!agree(fields(), optional()));
    }
}
