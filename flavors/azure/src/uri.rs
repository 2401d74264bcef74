//! URIs of Azure's registries.

use crhost_flavor::uri::{RegistryUri, Rules};
use crhost_flavor::{AcceptedUri, Failure};

use crate::host::{self, Acr, Host, HostError, NAME};

/// The typical host, for hints.
pub(crate) const TYPICAL: &str = "contoso.azurecr.io";

/// The part of a resource id that is the same for all registries.
const RESOURCE: &str = "/providers/microsoft.containerregistry/registries/";

/// Azure has a login server for each registry; a host that can't be mistaken for one may lead there.
const RULES: Rules = Rules {
    flavor: "azure",
    example: TYPICAL,
    no_host,
    lower_case: "",
    not_ours: Some(|uri| Failure::invalid_input(format!("`{}` is not a registry of Azure", uri.host()))),
    grammar,
};

/// Accepts login servers in all forms, and hosts that can't be mistaken for one.
pub(crate) fn accept(text: &str) -> Result<AcceptedUri, Failure> {
    match refuse_resource_id(text) {
        Some(failure) => Err(failure),
        None => RULES.accept(text),
    }
}

fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    match host::parse(uri.host()).map_err(|error| refuse(uri, error))? {
        Host::Acr(acr) => accept_acr(uri, &acr),
        Host::OwnCloud => Ok(AcceptedUri::new(uri.to_string()).warning(format!(
            "`{}` is in no cloud of Azure that this version knows: for one of your own, the options `exchange-endpoint` \
             and `authority-endpoint` have to say where its tokens are",
            uri.host()
        ))),
        Host::Other => Ok(AcceptedUri::new(uri.to_string()).warning(format!(
            "`{}` is not a host of Azure Container Registry: it has to lead to one, and the option `exchange-endpoint` \
             has to say which",
            uri.host()
        ))),
    }
}

fn accept_acr(uri: &RegistryUri, acr: &Acr) -> Result<AcceptedUri, Failure> {
    let canonical = uri.without_port("Azure Container Registry")?;
    Ok(AcceptedUri::new(canonical.to_string()).warnings(acr.odd_hash.then(|| {
        format!(
            "what follows the dash in `{}` is shorter or longer than the hashes of Azure: no such registry may exist",
            acr.name
        )
    })))
}

/// Refuses a resource id, Azure's other name for a registry.
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

/// The hint for a text without a host: a bare word may be the name of a registry.
fn no_host(text: &str) -> String {
    let name = text.to_ascii_lowercase();
    match host::is_name(&name) {
        true => format!("did you mean `{name}.azurecr.io`?"),
        false => format!("write e.g. `{TYPICAL}`"),
    }
}

fn refuse(uri: &RegistryUri, error: HostError) -> Failure {
    let host = uri.host();
    let path = uri.path().join("/");
    let below = |server: &str| if path.is_empty() { server.to_owned() } else { format!("{server}/{path}") };
    let did_you_mean = || match host::meant(host) {
        Some(meant) => format!("did you mean `{}`?", below(&meant)),
        None => format!("write the login server as `az acr show --query loginServer` says it, e.g. `{TYPICAL}`"),
    };
    match error {
        HostError::Name(name) => Failure::invalid_input(format!(
            "`{name}` is not the name of an Azure registry, expected {} to {} letters and digits",
            NAME.start(),
            NAME.end()
        ))
        .hint(did_you_mean()),
        HostError::Dash(name) => {
            Failure::invalid_input(format!("`{name}` has a dash and no hash behind it, which no Azure registry has"))
                .hint(did_you_mean())
        }
        HostError::Data(acr) => Failure::invalid_input(format!(
            "`{host}` is a data endpoint, from which blobs are only downloaded; expected the login server"
        ))
        .hint(format!("did you mean `{}`?", below(&acr.login_server()))),
        HostError::PrivateLink(acr) => Failure::invalid_input(format!(
            "`{host}` is a name inside a private network, for which no certificate exists; expected the login server"
        ))
        .hint(format!("write `{}`, which resolves to it there", below(&acr.login_server()))),
        HostError::Germany => {
            Failure::invalid_input(format!("`{host}` was in Azure's cloud of Germany, which Microsoft closed in 2021"))
                .hint("registries of Germany's regions end in `.azurecr.io` now")
        }
        HostError::Microsoft => {
            Failure::invalid_input(format!("`{host}` is Microsoft's own registry, to which nobody else can push"))
                .hint(format!("write the login server of yours, e.g. `{TYPICAL}`"))
        }
        HostError::Form => Failure::invalid_input(format!(
            "host `{host}` looks like one of Azure and is not a registry of Azure Container Registry"
        ))
        .hint(did_you_mean()),
    }
}
