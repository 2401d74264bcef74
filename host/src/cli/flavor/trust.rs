//! `crhost flavor trust`: the keys that have to have signed what comes from a registry.

use clap::Subcommand;
use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::supply_chain::public_key;
use super::super::{output, removed};
use crate::components::Place;
use crate::image::Digest;
use crate::store::{FlavorSigner, Store};

/// The commands about keys.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Demand a signature of all flavors and policies from a registry or a part of it
    #[command(after_help = HELP)]
    Add {
        /// Where they come from: `ghcr.io`, `ghcr.io/acme`, one repository, or `*` for all
        place: Place,
        /// The public key: a file, or `env://VARIABLE`
        #[arg(long, value_name = "KEY")]
        key: String,
    },
    /// List what is demanded
    #[command(visible_alias = "ls")]
    List,
    /// Demand it no more
    #[command(visible_aliases = ["delete", "rm"])]
    Remove {
        /// The place, as it is listed
        place: Place,
        /// One of its keys, by its digest; without it, all
        #[arg(long, value_name = "DIGEST")]
        key_id: Option<Digest>,
    },
}

const HELP: &str = "\
A component from there is registered, and updated to, only if one of the keys of the place has signed it: of several \
places that own a repository, the longest counts. Without a signature, or where it can't be verified, nothing is \
registered. Files have no signatures, and are not meant.";

/// What is demanded.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Demands {
    /// By place.
    keys: Vec<Demand>,
}

/// A key for a place.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct Demand {
    /// Where components come from that it has to have signed.
    name: String,
    /// The digest of the public key (SHA-256 of its DER).
    key_id: Digest,
}

/// Runs a command about keys.
pub(super) fn run(context: &Context, store: &Store, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add { place, key } => {
            let key = public_key(context, &key)?;
            let (place, key_id) = (place.to_string(), key.id());
            store.add_flavor_signer(&FlavorSigner {
                place: place.clone(),
                key_id: key_id.clone(),
                key: key.to_pem(),
            })?;
            match context.is_json() {
                true => show(store)?,
                false => output::say_line(&format!("flavors from `{place}` have to be signed by key {key_id}")),
            }
        }
        Command::List if context.is_json() => show(store)?,
        Command::List => {
            let rows = demands(store)?.keys.into_iter().map(|demand| vec![demand.name, demand.key_id.to_string()]);
            output::print_table(&["FROM", "SIGNED BY KEY"], rows);
        }
        Command::Remove { place, key_id } => {
            store.remove_flavor_signers(&place.to_string(), key_id.as_ref())?;
            removed::show(context, "key of", &place);
        }
    }
    Ok(())
}

fn demands(store: &Store) -> Result<Demands, Failure> {
    let demand = |FlavorSigner { place, key_id, .. }: FlavorSigner| Demand { name: place, key_id };
    Ok(Demands { keys: store.flavor_signers()?.into_iter().map(demand).collect() })
}

fn show(store: &Store) -> Result<(), Failure> {
    output::print_json(&demands(store)?);
    Ok(())
}
