//! Every `crhost …` and `cargo xtask …` in the documents parses.
//!
//! Of a command of crhost, all words count: with `--help` behind them, clap refuses a flag or a value that it does not
//! know before it helps. xtask is asked for the help of each subcommand, which has to name the flags.

use std::collections::BTreeSet;
use std::env;
use std::path::PathBuf;
use std::process::Command;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use super::{Document, documents};
use crate::support::programs::crhost::Home;
use crate::support::programs::process;

/// From one of these on, a line shows a form and no longer a command.
const PLACEHOLDERS: [char; 4] = ['…', '[', '<', '|'];

/// Words that end a command of a shell.
const ENDS: [&str; 7] = ["|", "||", "&", "&&", ">", "2>", ";"];

#[test]
fn every_command_of_crhost_in_the_documents_parses() {
    let home = Home::new();
    let commands = commands("crhost", &["crhost"]);
    assert!(commands.len() > 50, "{} commands", commands.len());
    for (document, words) in commands {
        let words: Vec<&str> = words.iter().map(String::as_str).chain(["--help"]).collect();
        let finished = home.run(&words);
        assert_eq!(finished.code, Some(0), "{document}{finished}");
    }
}

#[test]
fn every_command_of_xtask_in_the_documents_parses() {
    let commands = commands("cargo", &["cargo", "xtask"]);
    assert!(commands.len() > 10, "{} commands", commands.len());
    for (document, words) in commands {
        let mut subcommands: Vec<&str> = Vec::new();
        let mut help = help_of_xtask(&subcommands);
        for word in &words {
            if let Some(flag) = word.strip_prefix("--") {
                let flag = flag.split('=').next().unwrap();
                assert!(help.contains(&format!("--{flag}")), "{document}: `cargo xtask {}`\n{help}", words.join(" "));
            } else if help.lines().any(|line| line.split_whitespace().next() == Some(word)) {
                subcommands.push(word);
                help = help_of_xtask(&subcommands);
            } else {
                // A value is welcome where a subcommand is none.
                let known = !subcommands.is_empty();
                assert!(known, "{document}: `cargo xtask {}`\n{help}", words.join(" "));
            }
        }
    }
}

fn help_of_xtask(subcommands: &[&str]) -> String {
    // Beside the program under test, where `cargo build --workspace` puts both.
    let crhost = Home::new().command::<&str>(&[]);
    let xtask = PathBuf::from(crhost.get_program()).with_file_name(format!("xtask{}", env::consts::EXE_SUFFIX));
    assert!(xtask.is_file(), "{} is missing: run `cargo build --workspace`", xtask.display());
    process::run(Command::new(xtask).args(subcommands).arg("--help")).ok().stdout
}

/// The commands in all documents that begin with these words: where each is, and the words that follow.
fn commands(program: &str, begin: &[&str]) -> BTreeSet<(String, Vec<String>)> {
    let mut found = BTreeSet::new();
    for Document { path, text } in documents() {
        for line in lines(&text) {
            let shown = line.split(PLACEHOLDERS).next().unwrap();
            let whole = shown.len() == line.len();
            let Some(mut words) = shlex::split(shown) else {
                assert!(!whole || !line.starts_with(program), "{}: a quote is open: {line}", path.display());
                continue;
            };
            // What is cut off may have been half a word.
            if !whole && !shown.ends_with(' ') {
                words.pop();
            }
            for command in words.split(|word| ENDS.contains(&word.as_str())) {
                let command: Vec<&str> =
                    command.iter().map(String::as_str).skip_while(|word| is_variable(word)).collect();
                if let Some(rest) = command.strip_prefix(begin)
                    && !rest.is_empty()
                {
                    found.insert((path.display().to_string(), rest.iter().map(|word| (*word).to_owned()).collect()));
                }
            }
        }
    }
    found
}

/// Whether a word sets a variable for a command.
fn is_variable(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'))
}

/// The lines of code for a shell, and all that stands as code in a text.
fn lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut block: Option<String> = None;
    for event in Parser::new_ext(text, pulldown_cmark::Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) if &*language == "sh" => {
                block = Some(String::new());
            }
            Event::Text(code) => {
                if let Some(block) = &mut block {
                    block.push_str(&code);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                let code = block.take().unwrap_or_default();
                lines.extend(code.replace("\\\n", " ").lines().map(str::to_owned));
            }
            Event::Code(code) => lines.push(code.into_string()),
            _ => {}
        }
    }
    lines
}

#[test]
fn a_command_is_found_with_its_words_wherever_it_stands() {
    let text = "Run `cargo xtask test`.\n\n```sh\nA=b crhost push 'a b' \\\n  -q # c\nx | crhost list &\n```\n";
    let found = lines(text);
    assert_eq!(
        found.iter().map(|line| line.trim()).collect::<Vec<_>>(),
        ["cargo xtask test", "A=b crhost push 'a b'    -q # c", "x | crhost list &"]
    );
    assert!(is_variable("CRHOST_LOG=debug") && !is_variable("--jobs=2") && !is_variable("push"));
    assert_eq!(shlex::split("a 'b c' # d").unwrap(), ["a", "b c"]);
}
