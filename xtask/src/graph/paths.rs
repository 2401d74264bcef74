//! What a source file says of modules: those that it declares, and the paths that lead to others.
//!
//! It reads tokens and not a syntax tree, so that the arguments of macros count as well.

use std::str::FromStr;

use proc_macro2::{Delimiter, LexError, TokenStream, TokenTree};

/// The modules that a file declares, and the paths in it that may lead to modules.
#[derive(Default)]
pub(crate) struct Contents {
    /// Modules in files of their own.
    pub(crate) children: Vec<String>,
    /// Paths that begin with `crate`, `super` or `self`, or with the name of a child.
    pub(crate) references: Vec<Vec<String>>,
}

/// Reads a file.
///
/// # Errors
/// When its tokens are not Rust's.
pub(crate) fn read(text: &str) -> Result<Contents, LexError> {
    let tokens = TokenStream::from_str(text)?;
    let mut contents = Contents::default();
    let mut paths = Vec::new();
    scan(tokens, 0, &mut contents.children, &mut paths);
    let leads_out = |path: &Vec<String>| {
        path.first().is_some_and(|first| {
            matches!(first.as_str(), "crate" | "super" | "self") || contents.children.contains(first)
        })
    };
    contents.references = paths.into_iter().filter(leads_out).collect();
    Ok(contents)
}

/// Collects declarations and paths. `depth` counts the modules that are written out in the file around these tokens:
/// their `super` leads back into it.
fn scan(tokens: TokenStream, depth: usize, children: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    let mut is_test = false;
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                // An attribute holds for the item that follows.
                if let Some(TokenTree::Group(attribute)) = tokens.get(at + 1) {
                    is_test |= is_cfg_test(&attribute.stream());
                    at += 2;
                    continue;
                }
                at += 1;
            }
            TokenTree::Ident(word) if word == "mod" => {
                let (name, body) = (tokens.get(at + 1), tokens.get(at + 2));
                if let (Some(TokenTree::Ident(name)), Some(TokenTree::Punct(_)), false) = (name, body, is_test) {
                    children.push(name.to_string());
                }
                if let (Some(TokenTree::Group(body)), false) = (body, is_test) {
                    scan(body.stream(), depth + 1, children, paths);
                }
                at += 3;
                is_test = false;
            }
            // `impl Trait + use<'a>` names lifetimes, not modules.
            TokenTree::Ident(word)
                if word == "use" && !matches!(tokens.get(at + 1), Some(TokenTree::Punct(p)) if p.as_char() == '<') =>
            {
                let end = tokens.iter().skip(at).position(is_semicolon).map_or(tokens.len(), |length| at + length);
                if !is_test {
                    let tree = tokens.get(at + 1..end).unwrap_or_default();
                    flatten(tree, &[], &mut |path| record(path, depth, paths));
                }
                at = end + 1;
                is_test = false;
            }
            // `pub(in crate::push)` says who may look in, not what is looked at.
            TokenTree::Ident(word) if word == "pub" => {
                let is_restricted = matches!(tokens.get(at + 1), Some(TokenTree::Group(_)));
                at += 1 + usize::from(is_restricted);
            }
            // The argument of `quote!` is code of the crate that the macro is used in.
            TokenTree::Ident(word) if word == "quote" && matches!(tokens.get(at + 2), Some(TokenTree::Group(_))) => {
                at += 3;
            }
            TokenTree::Ident(_) => {
                let (path, length) = path_at(&tokens, at);
                record(path, depth, paths);
                at += length;
            }
            TokenTree::Group(group) => {
                if !(is_test && group.delimiter() == Delimiter::Brace) {
                    scan(group.stream(), depth, children, paths);
                }
                is_test &= group.delimiter() != Delimiter::Brace;
                at += 1;
            }
            token => {
                is_test &= !is_semicolon(token);
                at += 1;
            }
        }
    }
}

/// Keeps a path as it reads from the file's own module.
fn record(mut path: Vec<String>, depth: usize, paths: &mut Vec<Vec<String>>) {
    let supers = path.iter().take_while(|segment| *segment == "super").count();
    path.drain(..supers.min(depth));
    if depth == 0 || supers >= depth || path.first().is_some_and(|first| first == "crate") {
        paths.push(path);
    }
}

/// The path that begins at a word, and how many tokens it takes.
fn path_at(tokens: &[TokenTree], start: usize) -> (Vec<String>, usize) {
    let mut path = Vec::new();
    let mut at = start;
    while let Some(TokenTree::Ident(segment)) = tokens.get(at) {
        path.push(segment.to_string());
        at += 1;
        if !is_colons(tokens, at) || !matches!(tokens.get(at + 2), Some(TokenTree::Ident(_))) {
            break;
        }
        at += 2;
    }
    // A word alone is a name of this file, or one that a `use` brought in.
    if path.len() == 1 {
        path.clear();
    }
    (path, at - start)
}

/// Gives each path of a `use` tree.
fn flatten(tree: &[TokenTree], before: &[String], give: &mut impl FnMut(Vec<String>)) {
    for branch in tree.split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',')) {
        // Behind the comma that ends a list there is nothing.
        if branch.is_empty() {
            continue;
        }
        let mut path = before.to_vec();
        let mut group = None;
        for token in branch {
            match token {
                TokenTree::Ident(word) if word == "as" => break,
                TokenTree::Ident(word) if word == "self" && !path.is_empty() => {}
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Group(braces) => group = Some(braces.stream()),
                _ => {}
            }
        }
        match group {
            Some(group) => flatten(&group.into_iter().collect::<Vec<_>>(), &path, give),
            None => give(path),
        }
    }
}

fn is_cfg_test(attribute: &TokenStream) -> bool {
    attribute.to_string().replace(' ', "").starts_with("cfg(test)")
}

fn is_semicolon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';')
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    let is_colon = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == ':');
    is_colon(tokens.get(at)) && is_colon(tokens.get(at + 1))
}

#[cfg(test)]
mod tests {
    use super::read;

    fn references(text: &str) -> Vec<String> {
        let contents = read(text).unwrap();
        contents.references.into_iter().filter(|path| !path.is_empty()).map(|path| path.join("::")).collect()
    }

    #[test]
    fn every_branch_of_a_use_is_a_reference() {
        let text = "use crate::a::{self, b::C, d as e,};\nuse std::fs;\npub(crate) use super::f::*;";
        assert_eq!(references(text), ["crate::a", "crate::a::b::C", "crate::a::d", "super::f"]);
    }

    #[test]
    fn a_path_counts_in_code_and_in_the_arguments_of_a_macro() {
        let text = "mod child; fn f() { select! { _ = crate::a::b() => child::g(super::C), x => std::h() } }";
        assert_eq!(references(text), ["crate::a::b", "child::g", "super::C"]);
    }

    #[test]
    fn tests_are_left_out_and_so_are_their_modules() {
        let text = "#[cfg(test)] mod tests;\n#[cfg(test)]\nmod more { use crate::a; }\n#[cfg(test)] use crate::b;\n\
                    #[cfg(test)] fn f() { crate::c::d() }\nmod kept;\nfn g() { crate::e::f() }";
        assert_eq!(references(text), ["crate::e::f"]);
        assert_eq!(read(text).unwrap().children, ["kept"]);
    }

    #[test]
    fn a_visibility_is_no_reference() {
        assert_eq!(references("pub(in crate::a) struct S { pub(in crate::b) f: crate::c::F }"), ["crate::c::F"]);
    }

    #[test]
    fn super_in_a_module_that_is_written_out_leads_back_into_the_file() {
        assert_eq!(references("mod a { use super::b; use super::super::c; use crate::d; }"), ["super::c", "crate::d"]);
    }
}
