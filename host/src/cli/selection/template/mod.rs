//! Templates of `--format`: the part of Go's templates that users of docker and regctl write. A template is shown for
//! each element of a list, or for the result itself.

mod expression;
mod node;
mod parse;

use serde_json::Value;

use super::error::SelectionError;
use super::lines::lines;
use crate::cli::wrap::width;
use node::Node;

/// A template that is valid.
#[derive(Debug, PartialEq)]
pub(super) struct Template {
    nodes: Vec<Node>,
    /// Whether its columns, which tabs part, are aligned below their names, as docker's `table …`.
    is_table: bool,
}

/// Spaces between the columns of a table.
const GAP: usize = 2;

impl Template {
    /// Parses a template.
    pub(super) fn parse(text: &str) -> Result<Self, SelectionError> {
        // As docker has it: shells leave these two characters as they are.
        let text = text.replace("\\t", "\t").replace("\\n", "\n");
        let table = text.strip_prefix("table ");
        let nodes = parse::nodes(table.unwrap_or(&text)).map_err(|reason| SelectionError::Template(reason.into()))?;
        Ok(Self { nodes, is_table: table.is_some() })
    }

    /// The members of the result that it names.
    pub(super) fn members(&self) -> impl Iterator<Item = &str> {
        let mut found = Vec::new();
        members(&self.nodes, &mut found);
        found.into_iter()
    }

    /// Its text for each element, each with the end of its line, ready to be written.
    pub(super) fn table(&self, elements: &[Value]) -> String {
        let mut rows: Vec<String> = elements.iter().map(|element| text(&self.nodes, element)).collect();
        if self.is_table {
            rows.insert(0, self.head());
            rows = aligned(&rows);
        }
        lines(rows.iter().flat_map(|row| row.split('\n')))
    }

    /// The names of its columns.
    fn head(&self) -> String {
        let name = |node: &Node| match node {
            Node::Text(text) => text.clone(),
            Node::Show(expression) => expression.members().last().unwrap_or_default().to_uppercase(),
            Node::Range(of, _) | Node::If(of, _) => of.members().last().unwrap_or_default().to_uppercase(),
        };
        self.nodes.iter().map(name).collect()
    }
}

/// The members that nodes name outside of a `range`, in which a name is that of an element.
fn members<'a>(nodes: &'a [Node], found: &mut Vec<&'a str>) {
    for node in nodes {
        match node {
            Node::Text(_) => {}
            Node::Show(expression) => found.extend(expression.members()),
            Node::Range(of, branches) => {
                found.extend(of.members());
                members(&branches.otherwise, found);
            }
            Node::If(condition, branches) => {
                found.extend(condition.members());
                members(&branches.then, found);
                members(&branches.otherwise, found);
            }
        }
    }
}

fn text(nodes: &[Node], value: &Value) -> String {
    let mut shown = String::new();
    for node in nodes {
        match node {
            Node::Text(text) => shown.push_str(text),
            Node::Show(expression) => shown.push_str(&expression::shown(&expression.of(value))),
            Node::Range(of, branches) => {
                let elements: Vec<Value> = match of.of(value) {
                    Value::Array(elements) => elements,
                    Value::Object(members) => members.into_iter().map(|(_, value)| value).collect(),
                    _ => Vec::new(),
                };
                if elements.is_empty() {
                    shown.push_str(&text(&branches.otherwise, value));
                }
                elements.iter().for_each(|element| shown.push_str(&text(&branches.then, element)));
            }
            Node::If(condition, branches) => {
                let is_there = expression::is_there(&condition.of(value));
                shown.push_str(&text(if is_there { &branches.then } else { &branches.otherwise }, value));
            }
        }
    }
    shown
}

/// Rows whose columns, parted by tabs, stand below each other.
fn aligned(rows: &[String]) -> Vec<String> {
    let columns: Vec<Vec<&str>> = rows.iter().map(|row| row.split('\t').collect()).collect();
    let widest = |at: usize| columns.iter().filter_map(|row| row.get(at)).map(|cell| width(cell)).max().unwrap_or(0);
    let pad = |(at, cell): (usize, &&str)| format!("{cell}{:1$}", "", widest(at) + GAP - width(cell));
    columns.iter().map(|row| row.iter().enumerate().map(pad).collect::<String>().trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(template: &str, value: Value) -> String {
        Template::parse(template).unwrap().table(&[value])
    }

    #[test]
    fn a_template_shows_members_in_text() {
        let value = json!({ "name": "dev", "uri": "localhost:5000", "current": true, "connector": null,
            "options": { "create": "yes" }, "tags": ["v1", "v2"] });
        for (template, text) in [
            ("{{.name}}", "dev"),
            ("{{ .Name }}", "dev"),
            (r"{{.name}}\t{{.uri}}", "dev\tlocalhost:5000"),
            ("{{json .tags}}", r#"["v1","v2"]"#),
            ("{{.options | json}}", r#"{"create":"yes"}"#),
            ("{{.options.create}}", "yes"),
            (r#"{{index .options "create"}}"#, "yes"),
            ("{{index .tags 1}}", "v2"),
            (r#"{{join .tags ", "}}"#, "v1, v2"),
            ("{{.name | upper}}", "DEV"),
            ("{{len .tags}}", "2"),
            ("{{range .tags}}<{{.}}>{{end}}", "<v1><v2>"),
            ("{{range .grants}}x{{else}}none{{end}}", "none"),
            ("{{if .connector}}{{.connector}}{{else}}-{{end}}", "-"),
            ("{{if .current}}*{{end}} {{- .name -}} !", "*dev!"),
            ("{{.connector}}|{{.nosuch.deeper}}", "|"),
            ("{{.current}}", "true"),
            ("a } b {c}", "a } b {c}"),
            (r#"{{"{{"}}"#, "{{"),
        ] {
            assert_eq!(shown(template, value.clone()), text, "{template}");
        }
    }

    #[test]
    fn what_no_template_may_hold_is_said() {
        for (template, words) in [
            ("{{.name", "`{{` without `}}`"),
            ("{{}}", "nothing in `{{}}`"),
            ("{{range .tags}}", "`{{range}}` without `{{end}}`"),
            ("{{end}}", "`{{end}}` without"),
            ("{{else}}", "`{{else}}` without"),
            ("{{printf .name}}", "no function `printf`"),
            ("{{json}}", "`json` takes 1 value"),
            ("{{join .tags}}", "`join` takes 2 values"),
            ("{{.name .uri}}", "`.name` takes no values"),
            (r#"{{join .tags "}}"#, "without `}}`"),
            ("{{$x}}", "`$x`"),
        ] {
            let error = Template::parse(template).unwrap_err().to_string();
            assert!(error.contains(words), "{template}: {error}");
        }
        let deep = format!("{}{}", "{{if .}}".repeat(100), "{{end}}".repeat(100));
        assert!(Template::parse(&deep).unwrap_err().to_string().contains("deeper"));
    }

    #[test]
    fn a_table_has_a_head_and_aligned_columns() {
        let template = Template::parse(r"table {{.name}}\t{{.uri}}").unwrap();
        let rows = [json!({ "name": "dev", "uri": "a" }), json!({ "name": "production", "uri": "b" })];
        assert_eq!(template.table(&rows), "NAME        URI\ndev         a\nproduction  b");
        assert_eq!(template.members().collect::<Vec<_>>(), ["name", "uri"]);
    }

    #[test]
    fn names_in_a_range_are_not_those_of_the_result() {
        let template = Template::parse("{{range .steps}}{{.check}}{{end}}{{if .verified}}{{.uri}}{{end}}").unwrap();
        assert_eq!(template.members().collect::<Vec<_>>(), ["steps", "verified", "uri"]);
    }

    #[test]
    fn text_from_elsewhere_does_no_harm() {
        assert_eq!(shown("{{.a}}", json!({ "a": "\u{1b}[2J\n::error::x" })), "\\u{1b}[2J\n\\u{3a}:error::x");
    }
}
