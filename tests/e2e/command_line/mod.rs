//! The conventions of command lines: parts of results, plugins, completions, manual pages, and other tools' spellings.

mod completions;
mod manual;
mod plugins;
mod selections;
mod zenml;
