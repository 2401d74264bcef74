//! The command line as people and programs use it: wrong words, variables, JSON and result files.

mod environment;
mod json;
mod result_files;
mod words;
