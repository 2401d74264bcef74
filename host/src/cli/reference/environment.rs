//! The environment variables.

use std::collections::BTreeMap;

use clap::{Command, CommandFactory as _};

use super::pages::{check_section, table};
use crate::cli::arguments::Arguments;

/// Variables that are no option's.
const OTHERS: &[(&str, &str)] = &[
    ("CRHOST_HOME", "the directory of everything that crhost keeps; without it, the XDG directories"),
    ("CRHOST_LOG", "what is logged, e.g. `debug` or `crhost=debug`; overrides `-v`"),
    ("XDG_DATA_HOME", "where `crhost/` with the store is; without it, `~/.local/share`"),
    ("XDG_CACHE_HOME", "where `crhost/` with compiled flavors is; without it, `~/.cache`"),
    ("DOCKER_HOST", "the address of the Docker daemon, as for the `docker` command"),
    ("DOCKER_CONTEXT", "the Docker context, as for the `docker` command"),
    ("DOCKER_CONFIG", "the directory of Docker's configuration, as for the `docker` command"),
    ("DOCKER_AUTH_CONFIG", "credentials in the form of Docker's `config.json`, which come before those of the file"),
    ("DOCKER_TLS_VERIFY", "TLS to the Docker daemon, as for the `docker` command"),
    ("DOCKER_CERT_PATH", "the directory of certificates for the Docker daemon, as for the `docker` command"),
    ("HTTPS_PROXY", "the proxy for https"),
    ("HTTP_PROXY", "the proxy for http"),
    ("NO_PROXY", "hosts that are reached without a proxy"),
    ("SSL_CERT_FILE", "a file of trusted certificate authorities, in place of the system's"),
    ("SSL_CERT_DIR", "a directory of trusted certificate authorities, in place of the system's"),
    ("NO_COLOR", "no colours"),
];

#[test]
fn the_page_of_variables_names_those_of_every_option() {
    let mut crhost = Arguments::command();
    crhost.build();
    let mut options = BTreeMap::new();
    collect(&crhost, &mut options);
    let mut rows: Vec<Vec<String>> = options
        .into_iter()
        .map(|(variable, (flags, help))| vec![format!("`{variable}`"), format!("{}: {help}", flags.join(", "))])
        .collect();
    rows.extend(OTHERS.iter().map(|(variable, meaning)| vec![format!("`{variable}`"), (*meaning).to_owned()]));
    check_section("environment.md", "Environment", "environment", &table(&["variable", "meaning"], rows));
}

/// The options that a variable can set, by the variable's name, with their first help.
fn collect(command: &Command, options: &mut BTreeMap<String, (Vec<String>, String)>) {
    for argument in command.get_arguments() {
        if let (Some(variable), Some(long)) = (argument.get_env(), argument.get_long()) {
            let help = || argument.get_help().map(ToString::to_string).unwrap_or_default();
            let name = variable.to_string_lossy().into_owned();
            let (flags, _) = options.entry(name).or_insert_with(|| (Vec::new(), help()));
            let flag = format!("`--{long}`");
            if !flags.contains(&flag) {
                flags.push(flag);
            }
        }
    }
    command.get_subcommands().for_each(|command| collect(command, options));
}
