//! Parses templates.

use super::expression::Expression;
use super::node::{Branches, Node};

/// Deepest nesting of `range` and `if`: showing a template takes a stack frame for each.
const MAX_DEPTH: usize = 32;

/// A `range` or `if` that is open.
struct Open {
    word: &'static str,
    expression: Expression,
    branches: Branches,
    has_else: bool,
}

/// The nodes of a template.
///
/// # Errors
/// The first thing that is wrong, in one line.
pub(super) fn nodes(text: &str) -> Result<Vec<Node>, String> {
    let (mut nodes, mut open): (Vec<Node>, Vec<Open>) = (Vec::new(), Vec::new());
    let mut rest = text;
    let mut trims = false;
    while let Some((before, after)) = rest.split_once("{{") {
        let (action, behind) = action(after).ok_or("`{{` without `}}`")?;
        let (action, trims_before) = match action.strip_prefix("- ") {
            Some(action) => (action, true),
            None => (action, false),
        };
        add_text(target(&mut nodes, &mut open), before, trims, trims_before);
        let (action, trims_after) = match action.strip_suffix(" -") {
            Some(action) => (action, true),
            None => (action, false),
        };
        (rest, trims) = (behind, trims_after);
        let action = action.trim();
        let (word, arguments) = action.split_once(char::is_whitespace).unwrap_or((action, ""));
        match word {
            "" => return Err("nothing in `{{}}`".to_owned()),
            "range" | "if" if open.len() == MAX_DEPTH => return Err(format!("it is nested deeper than {MAX_DEPTH}")),
            "range" => open.push(Open::new("range", Expression::parse(arguments)?)),
            "if" => open.push(Open::new("if", Expression::parse(arguments)?)),
            "else" if arguments.is_empty() => match open.last_mut() {
                Some(last) if !last.has_else => last.has_else = true,
                _ => return Err("`{{else}}` without `{{if}}` or `{{range}}`".to_owned()),
            },
            "end" => {
                let ended = open.pop().ok_or("`{{end}}` without `{{if}}` or `{{range}}`")?;
                target(&mut nodes, &mut open).push(ended.node());
            }
            _ => target(&mut nodes, &mut open).push(Node::Show(Expression::parse(action)?)),
        }
    }
    if let Some(Open { word, .. }) = open.last() {
        return Err(format!("`{{{{{word}}}}}` without `{{{{end}}}}`"));
    }
    add_text(&mut nodes, rest, trims, false);
    Ok(nodes)
}

impl Open {
    fn new(word: &'static str, expression: Expression) -> Self {
        Self { word, expression, branches: Branches::default(), has_else: false }
    }

    fn node(self) -> Node {
        match self.word {
            "range" => Node::Range(self.expression, self.branches),
            _ => Node::If(self.expression, self.branches),
        }
    }
}

/// Where the next node goes.
fn target<'a>(nodes: &'a mut Vec<Node>, open: &'a mut [Open]) -> &'a mut Vec<Node> {
    match open.last_mut() {
        Some(Open { branches, has_else: false, .. }) => &mut branches.then,
        Some(Open { branches, .. }) => &mut branches.otherwise,
        None => nodes,
    }
}

fn add_text(nodes: &mut Vec<Node>, text: &str, trims_start: bool, trims_end: bool) {
    let text = if trims_start { text.trim_start() } else { text };
    let text = if trims_end { text.trim_end() } else { text };
    if !text.is_empty() {
        nodes.push(Node::Text(text.to_owned()));
    }
}

/// The text up to `}}`, which may stand in quotes before it, and the text behind.
fn action(text: &str) -> Option<(&str, &str)> {
    let mut is_quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            '}' if !is_quoted => {
                let (action, rest) = text.split_at_checked(at)?;
                if let Some(rest) = rest.strip_prefix("}}") {
                    return Some((action, rest));
                }
            }
            _ => {}
        }
    }
    None
}
