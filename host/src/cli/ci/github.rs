//! GitHub Actions: workflow commands, files of a step, Markdown of its summary ("Workflow commands for GitHub
//! Actions"). The runner reads commands in both streams of a step.

use crate::text::escape_line;

/// Characters that end a command or begin another one, as the runner has them (`escapeData` of its toolkit).
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A command that annotates the run; for a word that GitHub does not know, none.
pub(super) fn annotation(word: &str, message: &str) -> Option<String> {
    matches!(word, "error" | "warning").then(|| format!("::{word} title=crhost::{}", data(message)))
}

/// The commands that begin and end a group.
pub(super) fn group(title: &str) -> (String, String) {
    (format!("::group::{}", data(&escape_line(title))), "::endgroup::".to_owned())
}

/// The commands that mask a secret: one for each line of it, as the runner compares the log's lines.
pub(super) fn masks(secret: &str) -> Vec<String> {
    let lines = secret.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| format!("::add-mask::{}", data(line))).collect()
}

/// Outputs in the form of `GITHUB_OUTPUT`: each value between two lines of a delimiter, which nobody who wrote a value
/// could know.
pub(in crate::cli) fn outputs(values: &[(&str, String)], delimiter: &str) -> String {
    let output = |(name, value): &(&str, String)| format!("{name}<<{delimiter}\n{value}\n{delimiter}\n");
    values.iter().map(output).collect()
}

/// Text as code in a cell of a Markdown table: nothing in it is markup, a link or a mention.
pub(in crate::cli) fn code(text: &str) -> String {
    // In a code span, a backtick ends it and a vertical bar ends the cell; GitHub takes `\|` there for the bar alone.
    format!("`{}`", escape_line(text).replace('`', "'").replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annotation_is_one_command_whatever_its_text_is() {
        let shown = annotation("error", "50 % of `x`\n::set-output name=a::b\r").unwrap();
        assert_eq!(shown, "::error title=crhost::50 %25 of `x`%0A::set-output name=a::b%0D");
        assert_eq!(annotation("hint", "x"), None);
    }

    #[test]
    fn a_group_s_title_is_one_line() {
        assert_eq!(group("a\n::error::b").0, "::group::a\\n::error::b");
    }

    #[test]
    fn each_line_of_a_secret_is_masked() {
        assert_eq!(masks("a%b\n\nc\n"), ["::add-mask::a%25b", "::add-mask::c"]);
        assert!(masks("").is_empty());
    }

    #[test]
    fn an_output_ends_at_its_own_delimiter_alone() {
        let values = [("digest", "sha256:a".to_owned()), ("tags", "a\nEOF\nname=evil".to_owned())];
        assert_eq!(outputs(&values, "d1"), "digest<<d1\nsha256:a\nd1\ntags<<d1\na\nEOF\nname=evil\nd1\n");
    }

    #[test]
    fn text_in_a_summary_is_no_markup() {
        assert_eq!(code("a`|<img src=x>\n# b"), "`a'\\|<img src=x>\\n# b`");
    }
}
