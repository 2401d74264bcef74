//! A flavor for tests, as a stranger would write it: keys of a service at `localhost:<port>/keeper`. The option `how`
//! has it break the contract.
#![forbid(unsafe_code)]

use crhost_flavor::http::{Api, Encoding, Method, SecretValue};
use crhost_flavor::key_wrapping::WrappedKey;
use crhost_flavor::uri::RegistryUri;
use crhost_flavor::{
    AcceptedUri, AuthMethod, Connector, Credential, Description, Failure, Field, Flavor, Image, Operation, OptionSpec,
    Prepared, Purpose, Registry, Secret, secrets,
};

struct Keeper;

impl Flavor for Keeper {
    fn describe() -> Description {
        Description::new("keeper", env!("CARGO_PKG_VERSION"), "Keys of a service of the tests")
            .uri_examples(["localhost:5000/keeper"])
            .option(OptionSpec::url("address", "URL of the service"))
            .option(
                OptionSpec::choice("how", "What it does", ["well", "known", "lent", "sends", "reads"]).default("well"),
            )
            .auth_method(
                AuthMethod::new("keeper", "token", "A token").field(Field::secret("token", "The token")).operation(
                    Operation::new("keys", "Has keys made and unwrapped")
                        .post()
                        .host("https://keeper.example.com")
                        .endpoint("address")
                        .path("/make")
                        .path("/unwrap")
                        .bearer("token"),
                ),
            )
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        Ok(AcceptedUri::new(RegistryUri::parse(&uri)?.to_string()))
    }

    fn prepare_image_push(_: Registry, _: Option<Connector>, _: Image) -> Result<Prepared, Failure> {
        Err(Failure::unsupported("it is a key"))
    }

    fn credentials(_: Registry, _: Option<Connector>, _: Purpose, _: Option<Image>) -> Result<Credential, Failure> {
        Err(Failure::unsupported("it is a key"))
    }

    fn make_key(registry: Registry, connector: Option<Connector>) -> Result<WrappedKey, Failure> {
        let key = key(&registry, connector, "/make")?;
        Ok(WrappedKey { key, wrapped: "w".to_owned(), by: "the keeper's key".to_owned() })
    }

    fn unwrap_key(registry: Registry, connector: Option<Connector>, _: String) -> Result<Secret, Failure> {
        key(&registry, connector, "/unwrap")
    }
}

fn key(registry: &Registry, connector: Option<Connector>, path: &str) -> Result<Secret, Failure> {
    let options = registry.options();
    let url = options.url("address").ok_or_else(|| Failure::invalid_input("no address"))?;
    let connector = connector.ok_or_else(|| Failure::unauthenticated("no connector"))?;
    let how = options.get("how").unwrap_or("well");
    match how {
        // A key that it knows itself.
        "known" => return secrets::sha256(&["known to the flavor".into()]).map_err(Failure::other),
        // The connector's own secret, which the service knows.
        "lent" => return connector.into_secret("token").ok_or_else(|| Failure::other("no token")),
        _ => {}
    }
    let token = connector.required_secret("token")?;
    let api = Api::bearer(&url, token);
    let received = api.request(Method::Post, path).receive(["key"], Encoding::Base64)?;
    let key = received.secret.ok_or_else(|| Failure::other("no key"))?;
    let body = String::from_utf8_lossy(&received.response.body).into_owned();
    match how {
        "sends" => {
            let value = SecretValue::new(&key).before("Bearer ").encoding(Encoding::Hex);
            let sent = crhost_flavor::http::Request::new(Method::Post, format!("{url}{path}"));
            let answer = sent.header("authorization", value).send()?;
            Err(Failure::other(format!("it was sent: {}", answer.status)))
        }
        "reads" => {
            let known = key.public_member("key").or_else(|| Some(body).filter(|body| body.contains("Y2FuYXJ5")));
            let repeated = api.get_again(path);
            Err(Failure::other(format!("it read: {known:?} {repeated}")))
        }
        _ => Ok(key),
    }
}

/// A second request that the service answers with the same key.
trait Again {
    /// What the flavor sees of the answer.
    fn get_again(&self, path: &str) -> String;
}

impl Again for Api<'_> {
    fn get_again(&self, path: &str) -> String {
        let answer = self.request(Method::Post, path).send();
        answer.map_or_else(|_| String::new(), |answer| String::from_utf8_lossy(&answer.body).into_owned())
    }
}

crhost_flavor::export!(Keeper);
