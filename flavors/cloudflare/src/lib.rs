//! The flavor `cloudflare`: the container registry that is part of a Cloudflare account.
//!
//! An API token opens nothing at the registry itself: Cloudflare's API issues short-lived credentials for it.
#![forbid(unsafe_code)]

mod api;
mod uri;

use crhost_flavor::{
    AcceptedUri, AuthMethod, Connector, Credential, Description, Failure, Field, Flavor, Image, Options, Prepared,
    Purpose, Registry, Upload, UploadProfile, clock, password,
};

use api::{CloudflareApi, ENDPOINT};

/// The auth method with an API token.
const TOKEN: &str = "token";
/// Bytes that Cloudflare takes in one request, of accounts without a higher limit.
const LARGEST_REQUEST: u64 = 100_000_000;
/// Bytes of an upload's chunk: a third of that, because a proxy may have a lower limit, and because a chunk that fails
/// is sent again.
const CHUNK: u64 = 32 << 20;

/// The flavor.
pub struct Cloudflare;

impl Flavor for Cloudflare {
    fn describe() -> Description {
        Description::new("cloudflare", env!("CARGO_PKG_VERSION"), "The container registry of a Cloudflare account")
            .documentation("https://developers.cloudflare.com/containers/platform-details/image-management/")
            .uri_examples([uri::HOST, uri::FEDRAMP].map(|host| format!("{host}/{}", uri::EXAMPLE_ACCOUNT)))
            .option(ENDPOINT.spec("Cloudflare's API"))
            .auth_method(
                AuthMethod::new("cloudflare", TOKEN, "An API token that may edit Containers; credentials last an hour")
                    .field(Field::secret("token", "The API token").env("CLOUDFLARE_API_TOKEN"))
                    .operation(api::issue_credentials())
                    .operation(api::list_accounts()),
            )
            .auth_method(password::method())
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::RULES.accept(&uri)
    }

    fn prepare_image_push(registry: Registry, _: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let account = uri::account(&registry.uri)?;
        if image.repository.strip_prefix(account).is_none_or(|rest| !rest.starts_with('/')) {
            return Err(Failure::invalid_input(format!(
                "image path `{}` does not fit Cloudflare's registry, expected `{account}/<name>`",
                image.repository
            ))
            .hint(format!("name the image e.g. `{}/{account}/train`", image.host)));
        }
        Ok(Prepared::new(UploadProfile {
            upload: Upload::Chunked(CHUNK),
            mount: false,
            zstd: false,
            largest_request: Some(LARGEST_REQUEST),
            ..UploadProfile::standard()
        }))
    }

    fn credentials(
        registry: Registry,
        connector: Option<Connector>,
        purpose: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        let Some(connector) = connector else { return Ok(Credential::DockerConfig) };
        if connector.method != TOKEN {
            return password::credential(connector);
        }
        let account = uri::account(&registry.uri)?;
        let api = CloudflareApi::of(uri::domain(&registry.uri), &connector, &registry.options())?;
        api.issue(account, purpose, clock::now())
    }

    fn identify(connector: Connector, options: &Options) -> Result<String, Failure> {
        api(&connector, options)?.whose()
    }

    fn list_resources(connector: Connector, options: &Options) -> Result<Vec<String>, Failure> {
        let accounts = api(&connector, options)?.accounts()?;
        let mut uris: Vec<String> = accounts.iter().map(|account| format!("{}/{}", uri::HOST, account.id)).collect();
        uris.sort();
        uris.dedup();
        Ok(uris)
    }
}

crhost_flavor::export!(Cloudflare);

/// The API, for a connector with a token; a password of the registry does not open it.
fn api<'a>(connector: &'a Connector, options: &Options) -> Result<CloudflareApi<'a>, Failure> {
    if connector.method != TOKEN {
        return Err(Failure::unsupported("a password of the registry can't be verified without the registry"));
    }
    CloudflareApi::new(connector, options)
}

#[cfg(test)]
mod tests;
