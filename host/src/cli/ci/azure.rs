//! Azure Pipelines: logging commands ("Logging commands", "Formatting commands").

use crate::text::escape_line;

/// Text behind a command: a percent sign and ends of lines are escaped.
fn data(text: &str) -> String {
    text.replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The command that shows a problem in the run's summary; for a word that Azure does not know, none.
pub(super) fn issue(word: &str, message: &str) -> Option<String> {
    matches!(word, "error" | "warning").then(|| format!("##vso[task.logissue type={word}]{}", data(message)))
}

/// The commands that begin and end a group.
pub(super) fn group(title: &str) -> (String, String) {
    (format!("##[group]{}", escape_line(title)), "##[endgroup]".to_owned())
}

/// The commands that mask a secret: one for each line of it.
pub(super) fn masks(secret: &str) -> Vec<String> {
    let lines = secret.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| format!("##vso[task.setsecret]{}", data(line))).collect()
}

/// The command that sets an output variable of the step. `name` is one of crhost's own.
pub(super) fn variable(name: &str, value: &str) -> String {
    format!("##vso[task.setvariable variable={name};isOutput=true]{}", data(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_one_command_whatever_its_text_is() {
        assert_eq!(
            variable("tags", "a\n##vso[task.complete result=Failed]%0A"),
            "##vso[task.setvariable variable=tags;isOutput=true]a%0A##vso[task.complete result=Failed]%AZP250A"
        );
        assert_eq!(issue("warning", "50 %").unwrap(), "##vso[task.logissue type=warning]50 %AZP25");
        assert_eq!(issue("hint", "x"), None);
        assert_eq!(masks("a\r\nb"), ["##vso[task.setsecret]a", "##vso[task.setsecret]b"]);
        assert_eq!(group("##[x]").0, "##[group]#\\u{23}[x]");
    }
}
