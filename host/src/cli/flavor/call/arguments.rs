//! The arguments of `crhost flavor call`.

use std::path::PathBuf;

use clap::Args;

use super::super::super::assignment;
use super::super::super::grant::GrantArgs;
use crate::flavor::{Action, Purpose};
use crate::flavor_call::{Export, Input};

/// The line of usage: with the exports that all flavors have, which are what users look for there.
pub(in super::super) const USAGE: &str =
    "crhost flavor call [OPTIONS] <FILE> <validate-uri|prepare-image-push|credentials|describe|…> [URI]
       crhost flavor call [OPTIONS] <FILE> --replay <DIR> [EXPORT]";

/// The end of the help.
pub(in super::super) const HELP: &str = "\
Examples:
  Is this a registry of its kind?
    crhost flavor call a.wasm validate-uri acme.example/team
  Whose is the token in an environment variable?
    crhost flavor call a.wasm identify --field token=@env:TOKEN --yes
  Credentials, with all arguments in a file:
    crhost flavor call a.wasm credentials --input call.json --yes -o json
  Its requests and their answers, for tests without the service:
    crhost flavor call a.wasm credentials --input call.json --yes --record dir
    crhost flavor call a.wasm --replay dir

Nothing is registered, and nothing is stored. The component reaches what --yes or --allow-host grants to this call \
alone, and runs under the limits of every other call; a failure with a time to wait is not tried again.

Values of --field: @env:VARIABLE, @file:PATH, @- for standard input, @oidc[:AUDIENCE] for an id token, \
@command:'PROGRAM ARGUMENTS' for its output, @read:PATH for a file that is read when it is called; a text field may be written out. --input has the options as members of one JSON object, in camel case: registry, options, \
authMethod, fields, image, purpose, repository, digest, tag, page, wrapped, action, subject, evidence.";

/// The arguments. Without `Debug`: a field may be a secret.
#[derive(Args)]
pub(in crate::cli) struct Arguments {
    /// The component, a `.wasm` file, or the name of a flavor that there is
    pub(super) file: PathBuf,
    /// The export, as the contract names it: describe, validate-uri, prepare-image-push, credentials, identify,
    /// list-resources, list-repositories, list-tags, delete-manifest, delete-tag, make-key, unwrap-key; of a policy
    /// describe and admit
    #[arg(required_unless_present = "replay")]
    pub(super) export: Option<Export>,
    /// The text that `validate-uri` is asked about
    pub(super) uri: Option<String>,
    /// Read arguments from a JSON file, or from standard input with `-`; options go before it
    #[arg(long = "input", value_name = "FILE")]
    pub(super) input_file: Option<PathBuf>,
    /// A field of the connector that the call is lent, and the source of its value; may be given several times
    #[arg(long = "field", value_name = "NAME=SOURCE", value_parser = assignment::parse)]
    pub(super) fields: Vec<(String, String)>,
    /// Write the requests and the service's answers into a directory, without secrets, in place of an earlier
    /// recording; a directory with other files of such names is refused
    #[arg(long, value_name = "DIR", conflicts_with = "replay")]
    pub(super) record: Option<PathBuf>,
    /// Answer requests from a recording and not from the network; without an export, repeat the recorded call
    #[arg(long, value_name = "DIR")]
    pub(super) replay: Option<PathBuf>,
    #[command(flatten)]
    pub(super) input: InputArguments,
    #[command(flatten)]
    pub(super) grants: GrantArguments,
}

/// The input of the call.
#[derive(Debug, Args)]
pub(super) struct InputArguments {
    /// The registry's URI
    #[arg(long, value_name = "URI")]
    registry: Option<String>,
    /// The image, below the registry's URI or as a whole name
    #[arg(long, value_name = "NAME")]
    image: Option<String>,
    /// An option of the component; may be given several times
    #[arg(long = "option", value_name = "NAME=VALUE", value_parser = assignment::parse)]
    options: Vec<(String, String)>,
    /// The auth method of the fields, where there are several
    #[arg(long, value_name = "METHOD")]
    auth_method: Option<String>,
    /// What credentials are for: pull, push, delete or listing
    #[arg(long, value_parser = purpose)]
    purpose: Option<Purpose>,
    /// A repository below the registry's host, for the interface `cleanup`
    #[arg(long)]
    repository: Option<String>,
    /// A manifest's digest, for `delete-manifest`
    #[arg(long)]
    digest: Option<String>,
    /// A tag, for `delete-tag`
    #[arg(long)]
    tag: Option<String>,
    /// What an earlier page gave as `next`
    #[arg(long)]
    page: Option<String>,
    /// What `make-key` gave as `wrapped`, for `unwrap-key`
    #[arg(long, value_name = "TEXT")]
    wrapped: Option<String>,
    /// What a policy is asked about: push, copy or delete
    #[arg(long)]
    action: Option<Action>,
}

/// What the call may reach.
#[derive(Debug, Args)]
pub(super) struct GrantArguments {
    /// Grant all ordinary operations that it asks for, for this call
    #[arg(short, long)]
    pub(super) yes: bool,
    #[command(flatten)]
    pub(super) hosts: GrantArgs,
    /// Accept an operation that sends a secret at a place that no standard defines for it, by its name
    /// `TYPE/METHOD/OPERATION`
    #[arg(long, value_name = "OPERATION")]
    pub(super) allow_operation: Vec<String>,
    /// Let an implicit method read this machine: the environment variables and files that it names
    #[arg(long)]
    pub(super) allow_implicit: bool,
    /// Let a program of this name, which the auth method declares, give its field; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(super) allow_command: Vec<String>,
}

impl InputArguments {
    /// The input that they say.
    pub(super) fn read(self, uri: Option<String>) -> Input {
        let Self { registry, image, options, auth_method, purpose, repository, digest, tag, page, wrapped, action } =
            self;
        let (options, fields) = (options.into_iter().collect(), std::collections::BTreeMap::new());
        let (subject, evidence) = (None, None);
        Input {
            uri,
            registry,
            options,
            auth_method,
            fields,
            image,
            purpose,
            repository,
            digest,
            tag,
            page,
            wrapped,
            action,
            subject,
            evidence,
        }
    }
}

fn purpose(text: &str) -> Result<Purpose, String> {
    serde_json::from_value(text.into()).map_err(|_| "expected `pull`, `push`, `delete` or `listing`".to_owned())
}
