//! The parts of a template.

use super::expression::Expression;

/// A part of a template.
#[derive(Debug, PartialEq)]
pub(super) enum Node {
    /// Text as it is.
    Text(String),
    /// The text of a value.
    Show(Expression),
    /// Its nodes for each element of a list or value of an object, or others where there is none.
    Range(Expression, Branches),
    /// Its nodes where a value is neither absent nor empty, or others.
    If(Expression, Branches),
}

/// What is shown, and what otherwise.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Branches {
    pub(super) then: Vec<Node>,
    pub(super) otherwise: Vec<Node>,
}
