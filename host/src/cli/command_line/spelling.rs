//! Spellings of options that other tools have, as crhost has them: `_` for `-`, a short option of two letters, and a
//! field that is an option here.

use std::ffi::OsString;

use super::words;

/// The words with known options spelt as crhost does. Words behind `--`, and options that the command does not have,
/// stay as they are.
pub(super) fn as_crhost_has_it(crhost: &clap::Command, words: &[OsString]) -> Vec<OsString> {
    let (_, command) = words::called(crhost, words);
    let globals = crhost.get_arguments().filter(|argument| argument.is_global_set());
    let options = command.get_arguments().chain(globals).filter_map(clap::Arg::get_long_and_visible_aliases);
    let known: Vec<&str> = options.flatten().collect();
    let mut is_escaped = false;
    let respelt = words.iter().map(|word| {
        is_escaped |= word == "--";
        let new = word.to_str().filter(|_| !is_escaped).and_then(|word| respelt(word, &known));
        new.map_or_else(|| word.clone(), OsString::from)
    });
    respelt.collect()
}

fn respelt(word: &str, known: &[&str]) -> Option<String> {
    let (name, value) = match word.split_once('=') {
        Some((name, value)) => (name, format!("={value}")),
        None => (word, String::new()),
    };
    // ZenML's short option for a resource's id. For clap it is `-r` with the value `i`.
    if name == "-ri" && known.contains(&"resource-id") {
        return Some(format!("--resource-id{value}"));
    }
    // A field of ZenML's registries, which is an option of crhost's.
    if matches!(name, "--default_repository" | "--default-repository") && known.contains(&"option") {
        return value.starts_with('=').then(|| format!("--option=default-repository{value}"));
    }
    let name = name.strip_prefix("--").filter(|name| name.contains('_'))?.replace('_', "-");
    known.contains(&name.as_str()).then(|| format!("--{name}{value}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::command_line::tree;

    #[test]
    fn options_may_be_spelt_with_underscores_and_values_stay_as_they_are() {
        for (line, expected) in [
            ("crhost push a_b --digest_file=c_d", "crhost push a_b --digest-file=c_d"),
            ("crhost push a -- --digest_file", "crhost push a -- --digest_file"),
            ("crhost push a --no_such_thing", "crhost push a --no_such_thing"),
            (
                "crhost service-connector list-resources --connector_type docker -ri x",
                "crhost service-connector list-resources --connector-type docker --resource-id x",
            ),
            (
                "crhost service-connector register a --auth_method=password --user_name=b",
                "crhost service-connector register a --auth-method=password --user_name=b",
            ),
            ("crhost push a -ri", "crhost push a -ri"),
            (
                "crhost container-registry register a -f aws --default_repository=zenml",
                "crhost container-registry register a -f aws --option=default-repository=zenml",
            ),
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let respelt = as_crhost_has_it(&tree::whole(), &words);
            assert_eq!(respelt.join(std::ffi::OsStr::new(" ")), expected);
        }
    }
}
