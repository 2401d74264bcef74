//! What a user may call a registry of this flavor, and what it is called in canonical form.

use crhost_flavor::uri::{Error, RegistryUri};
use crhost_flavor::{AcceptedUri, Failure};

use crate::host::{self, Acr, Host, NAME, Wrong};

/// The typical host, for hints.
pub(crate) const TYPICAL: &str = "contoso.azurecr.io";

/// What the resource id of a registry has in it.
const RESOURCE: &str = "/providers/microsoft.containerregistry/registries/";

/// Accepts login servers in all forms, and hosts that can't be mistaken for one.
pub(crate) fn accept(text: &str) -> Result<AcceptedUri, Failure> {
    if let Some(failure) = refuse_resource_id(text) {
        return Err(failure);
    }
    let uri = RegistryUri::parse(text).map_err(explain)?;
    match host::parse(uri.host()).map_err(|wrong| refuse(&uri, wrong))? {
        Host::Acr(acr) => accept_acr(&uri, &acr),
        Host::Other => {
            let mut accepted = AcceptedUri::new(uri.to_string()).warning(format!(
                "`{}` is not a host of Azure Container Registry: it has to lead to one, and the option `exchange-endpoint` has \
                 to say which",
                uri.host()
            ));
            accepted.warnings.extend(uri.warnings());
            Ok(accepted)
        }
    }
}

fn accept_acr(uri: &RegistryUri, acr: &Acr) -> Result<AcceptedUri, Failure> {
    let canonical = uri.on_host(uri.host());
    if !matches!(uri.port(), None | Some(443)) {
        return Err(Failure::invalid_input(format!(
            "`{uri}` has a port, expected Azure Container Registry without one"
        ))
        .hint(format!("write `{canonical}`")));
    }
    let accepted = AcceptedUri::new(canonical.to_string());
    Ok(match acr.odd_hash {
        true => accepted.warning(format!(
            "what follows the dash in `{}` is shorter or longer than the hashes of Azure: no such registry may exist",
            acr.name
        )),
        false => accepted,
    })
}

/// Azure's resources have another kind of name, too.
fn refuse_resource_id(text: &str) -> Option<Failure> {
    let lower = text.to_ascii_lowercase();
    let (_, after) = lower.split_once(RESOURCE)?;
    let name = after.split('/').next().unwrap_or_default();
    let failure = Failure::invalid_input("a resource id of Azure is not a registry URI, expected the login server");
    Some(match host::is_name(name) {
        true => failure.hint(format!("write `{name}.azurecr.io`, or what `az acr show --query loginServer` says")),
        false => failure.hint("`az acr show --query loginServer` says it"),
    })
}

/// A bare word may be the name of a registry.
fn explain(error: Error) -> Failure {
    let hint = match &error {
        Error::NoHost(text) if host::is_name(&text.to_ascii_lowercase()) => {
            format!("did you mean `{}.azurecr.io`?", text.to_ascii_lowercase())
        }
        Error::NoHost(_) => format!("write e.g. `{TYPICAL}`"),
        _ => return error.into(),
    };
    Failure::from(error).hint(hint)
}

fn refuse(uri: &RegistryUri, wrong: Wrong) -> Failure {
    let host = uri.host();
    let path = uri.path().join("/");
    let below = |server: &str| if path.is_empty() { server.to_owned() } else { format!("{server}/{path}") };
    let did_you_mean = || match host::meant(host) {
        Some(meant) => format!("did you mean `{}`?", below(&meant)),
        None => format!("write the login server as `az acr show --query loginServer` says it, e.g. `{TYPICAL}`"),
    };
    match wrong {
        Wrong::Name(name) => Failure::invalid_input(format!(
            "`{name}` is not the name of an Azure registry, expected {} to {} letters and digits",
            NAME.start(),
            NAME.end()
        ))
        .hint(did_you_mean()),
        Wrong::Dash(name) => {
            Failure::invalid_input(format!("`{name}` has a dash and no hash behind it, which no Azure registry has"))
                .hint(did_you_mean())
        }
        Wrong::Data(acr) => Failure::invalid_input(format!(
            "`{host}` is a data endpoint, from which blobs are only downloaded; expected the login server"
        ))
        .hint(format!("did you mean `{}`?", below(&acr.login_server()))),
        Wrong::PrivateLink(acr) => Failure::invalid_input(format!(
            "`{host}` is a name inside a private network, for which no certificate exists; expected the login server"
        ))
        .hint(format!("write `{}`, which resolves to it there", below(&acr.login_server()))),
        Wrong::Germany => {
            Failure::invalid_input(format!("`{host}` was in Azure's cloud of Germany, which Microsoft closed in 2021"))
                .hint("registries of Germany's regions are at `azurecr.io` now")
        }
        Wrong::Microsoft => {
            Failure::invalid_input(format!("`{host}` is Microsoft's own registry, to which nobody else can push"))
                .hint(format!("write the login server of yours, e.g. `{TYPICAL}`"))
        }
        Wrong::Form => Failure::invalid_input(format!(
            "host `{host}` looks like one of Azure and is not a registry of Azure Container Registry"
        ))
        .hint(did_you_mean()),
    }
}
