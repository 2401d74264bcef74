//! `docs/reference/contract.md`, which is written from the contract.

use std::fmt::Write as _;
use std::fs;

use wit_bindgen_core::wit_parser::{
    Docs, Function, FunctionKind, Handle, Interface, InterfaceId, Resolve, Type, TypeDef, TypeDefKind,
};

use crate::support::programs::crhost::repository;

/// The interfaces in the order in which an author needs them.
const INTERFACES: [&str; 14] = [
    "flavor",
    "types",
    "http",
    "secrets",
    "received-secrets",
    "clock",
    "log",
    "identity",
    "resources",
    "cleanup",
    "id-tokens",
    "commands",
    "key-wrapping",
    "admission",
];

#[test]
fn the_reference_of_the_contract_is_what_the_contract_says() {
    let file = repository().join("docs/reference/contract.md");
    let fresh = page();
    if std::env::var_os("CRHOST_BLESS").is_some() {
        fs::write(&file, &fresh).unwrap();
    }
    let known = fs::read_to_string(&file).unwrap_or_default();
    assert!(known == fresh, "{} is stale: run this test with CRHOST_BLESS=1", file.display());
}

fn page() -> String {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(repository().join("wit")).unwrap();
    let package = &resolve.packages[package];
    let mut page = format!("# The contract `{}`\n\nWritten from `wit/`. ", package.name);
    page.push_str(&prose(&package.docs));
    page.push_str("\n\n| interface | |\n|---|---|\n");
    for name in INTERFACES {
        let interface = &resolve.interfaces[package.interfaces[name]];
        let first = prose(&interface.docs);
        let first = first.split_once("\n\n").map_or(first.as_str(), |(first, _)| first);
        writeln!(page, "| [`{name}`](#{name}) | {} |", cell(first)).unwrap();
    }
    assert_eq!(package.interfaces.len(), INTERFACES.len(), "an interface is missing here");
    for name in INTERFACES {
        page.push_str(&self::interface(&resolve, name, package.interfaces[name]));
    }
    page
}

fn interface(resolve: &Resolve, name: &str, id: InterfaceId) -> String {
    let interface: &Interface = &resolve.interfaces[id];
    let mut text = format!("\n## {name}\n\n{}\n", prose(&interface.docs));
    let free = |function: &&Function| matches!(function.kind, FunctionKind::Freestanding);
    for function in interface.functions.values().filter(free) {
        text.push_str(&self::function(resolve, function, &function.name));
    }
    for (type_name, id) in &interface.types {
        let definition = &resolve.types[*id];
        if !matches!(definition.kind, TypeDefKind::Type(_)) {
            text.push_str(&self::definition(resolve, type_name, definition));
        }
        if matches!(definition.kind, TypeDefKind::Resource) {
            for function in interface.functions.values() {
                if matches!(function.kind, FunctionKind::Method(resource) if resource == *id) {
                    let method = function.name.rsplit('.').next().unwrap();
                    text.push_str(&self::function(resolve, function, &format!("{type_name}.{method}")));
                }
            }
        }
    }
    text
}

fn function(resolve: &Resolve, function: &Function, name: &str) -> String {
    // The first parameter of a method is the resource itself.
    let skipped = usize::from(matches!(function.kind, FunctionKind::Method(_)));
    let parameters = function.params.iter().skip(skipped);
    let parameters: Vec<String> =
        parameters.map(|parameter| format!("{}: {}", parameter.name, shown(resolve, &parameter.ty))).collect();
    let result = function.result.as_ref().map(|result| format!(" -> {}", shown(resolve, result))).unwrap_or_default();
    format!("\n### {name}\n\n`({}){result}`\n\n{}\n", parameters.join(", "), prose(&function.docs))
}

fn definition(resolve: &Resolve, name: &str, definition: &TypeDef) -> String {
    let mut text = format!("\n### {name}\n\n{} ({})\n", prose(&definition.docs), definition.kind.as_str());
    let rows: Vec<(String, String, &Docs)> = match &definition.kind {
        TypeDefKind::Record(record) => {
            record.fields.iter().map(|field| (field.name.clone(), shown(resolve, &field.ty), &field.docs)).collect()
        }
        TypeDefKind::Variant(variant) => variant
            .cases
            .iter()
            .map(|case| {
                let payload = case.ty.as_ref().map(|payload| shown(resolve, payload)).unwrap_or_default();
                (case.name.clone(), payload, &case.docs)
            })
            .collect(),
        TypeDefKind::Enum(cases) => {
            cases.cases.iter().map(|case| (case.name.clone(), String::new(), &case.docs)).collect()
        }
        _ => Vec::new(),
    };
    if !rows.is_empty() {
        text.push_str("\n| | type | |\n|---|---|---|\n");
    }
    for (name, shown, docs) in rows {
        let shown = if shown.is_empty() { shown } else { format!("`{shown}`") };
        writeln!(text, "| `{name}` | {shown} | {} |", cell(&prose(docs))).unwrap();
    }
    text
}

/// A type as WIT writes it.
fn shown(resolve: &Resolve, of: &Type) -> String {
    let id = match of {
        Type::Id(id) => id,
        Type::String => return "string".to_owned(),
        Type::Bool => return "bool".to_owned(),
        other => return format!("{other:?}").to_lowercase(),
    };
    let definition = &resolve.types[*id];
    if let Some(name) = &definition.name {
        return name.clone();
    }
    let inner = |of: &Type| shown(resolve, of);
    match &definition.kind {
        TypeDefKind::List(of) => format!("list<{}>", inner(of)),
        TypeDefKind::Option(of) => format!("option<{}>", inner(of)),
        TypeDefKind::Tuple(tuple) => {
            format!("tuple<{}>", tuple.types.iter().map(inner).collect::<Vec<_>>().join(", "))
        }
        TypeDefKind::Result(result) => {
            let side = |of: &Option<Type>| of.as_ref().map_or_else(|| "_".to_owned(), inner);
            format!("result<{}, {}>", side(&result.ok), side(&result.err))
        }
        TypeDefKind::Handle(Handle::Own(id)) => resolve.types[*id].name.clone().unwrap(),
        TypeDefKind::Handle(Handle::Borrow(id)) => format!("borrow<{}>", resolve.types[*id].name.clone().unwrap()),
        other => panic!("the contract has a {}, which this page does not know", other.as_str()),
    }
}

/// A comment as prose: its lines joined, its paragraphs kept.
fn prose(docs: &Docs) -> String {
    let text = docs.contents.as_deref().unwrap_or_default();
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

/// A text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace("\n\n", " ").replace('|', "\\|")
}
