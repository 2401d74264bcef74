//! Keys that the user names: files and variables, and the password of a private one.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use dialoguer::Password;
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::terminal;
use crate::environment::{EnvVars, Environment};
use crate::error::Kind;
use crate::signature::{MAX_KEY_FILE, PrivateKey, PublicKey, SignatureError};
use crate::text::Foreign;

/// What stands before the name of a variable that holds a key, as cosign has it.
const VARIABLE: &str = "env://";

/// The private key that the user named. Its password is `COSIGN_PASSWORD`, or asked for at a terminal.
pub(in crate::cli) async fn private_key(context: &Context, name: &str) -> Result<PrivateKey, Failure> {
    let (name, text) = (name.to_owned(), read(name, &context.environment)?);
    let given = given_password(&context.environment)?;
    terminal::begin_questions();
    // Deriving a key takes a moment, and a user takes longer.
    let opened = tokio::task::spawn_blocking(move || {
        PrivateKey::read(&text, || given.map_or_else(|| ask("Password of the private key"), Ok))
            .map_err(|failure: Unusable| failure.of(&name))
    });
    opened.await.map_err(|error| Failure::general(error.to_string()))?
}

/// The public key that the user named.
pub(in crate::cli) fn public_key(context: &Context, name: &str) -> Result<PublicKey, Failure> {
    PublicKey::read(&read(name, &context.environment)?).map_err(|error| Unusable::Key(error).of(name))
}

/// The password for a new key: `COSIGN_PASSWORD`, or asked for twice.
pub(super) async fn new_password(context: &Context) -> Result<SecretString, Failure> {
    if let Some(given) = given_password(&context.environment)? {
        return Ok(given);
    }
    terminal::begin_questions();
    let asked = tokio::task::spawn_blocking(|| {
        let first = ask("Password for the private key")?;
        let second = ask("The same again")?;
        let same = secrecy::ExposeSecret::expose_secret(&first) == secrecy::ExposeSecret::expose_secret(&second);
        let differ = || Failure::new(Kind::Usage, "the two passwords differ", "run it again");
        if same { Ok(first) } else { Err(Unusable::Other(differ())) }
    });
    let asked = asked.await.map_err(|error| Failure::general(error.to_string()))?;
    asked.map_err(|failure| failure.of(""))
}

/// Why a key can't be used.
enum Unusable {
    Key(SignatureError),
    Other(Failure),
}

impl From<SignatureError> for Unusable {
    fn from(error: SignatureError) -> Self {
        Self::Key(error)
    }
}

impl Unusable {
    fn of(self, name: &str) -> Failure {
        match self {
            Self::Key(error) => Failure::of(&error).with_message(|message| format!("key `{name}`: {message}")),
            Self::Other(failure) => failure,
        }
    }
}

/// The text of a key. It is wiped after its use.
fn read(name: &str, environment: &Environment) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let unusable = |message: String, hint: &str| Failure::new(Kind::Usage, message, hint);
    if let Some(variable) = name.strip_prefix(VARIABLE) {
        let value = environment.get(variable).and_then(|value| value.to_str());
        let missing =
            || unusable(format!("variable `{variable}` has no key"), "set it to the whole text of a key file");
        return value.map(|value| Zeroizing::new(value.as_bytes().to_vec())).ok_or_else(missing);
    }
    if let Some((scheme, _)) = name.split_once("://") {
        let message = format!("keys at `{scheme}://` can't be used");
        return Err(unusable(message, "give the path of a key file, or `env://VARIABLE`"));
    }
    let hint = "give the path of a key file, or `env://VARIABLE`";
    let failed = |reason| unusable(format!("key `{name}` can't be read: {}", Foreign(reason)), hint);
    let file = File::open(Path::new(name)).map_err(failed)?;
    // Larger than all that is read: a buffer that grows leaves a copy behind.
    let mut text = Zeroizing::new(Vec::with_capacity(MAX_KEY_FILE + 2));
    file.take(MAX_KEY_FILE as u64 + 1).read_to_end(&mut text).map_err(failed)?;
    match text.len() > MAX_KEY_FILE {
        true => Err(unusable(format!("`{name}` is no key: it is larger than {MAX_KEY_FILE} bytes"), hint)),
        false => Ok(text),
    }
}

/// `COSIGN_PASSWORD`, which may be set to the empty password.
fn given_password(environment: &Environment) -> Result<Option<SecretString>, Failure> {
    if environment.is_empty(EnvVars::COSIGN_PASSWORD) {
        return Ok(Some("".into()));
    }
    let Some(password) = environment.get(EnvVars::COSIGN_PASSWORD) else { return Ok(None) };
    let no_text = || {
        let message = format!("`{}` is not UTF-8", EnvVars::COSIGN_PASSWORD);
        Failure::new(Kind::Usage, message, "leave it out, and type the password")
    };
    password.to_str().map(|password| Some(password.into())).ok_or_else(no_text)
}

fn ask(prompt: &str) -> Result<SecretString, Unusable> {
    if !terminal::is_interactive() {
        let hint = "set `COSIGN_PASSWORD`, which may be empty";
        let message = "the private key has a password, and there is no terminal to ask for it at";
        return Err(Unusable::Other(Failure::new(Kind::Auth, message, hint)));
    }
    let asked = Password::new().with_prompt(prompt).allow_empty_password(true).report(false).interact();
    let failed = |dialoguer::Error::IO(error)| Failure::general(format!("no password: {}", Foreign(error)));
    asked.map(Into::into).map_err(|error| Unusable::Other(failed(error)))
}
