//! The URL of a database, and whether TLS is spoken to it.
//!
//! A server elsewhere is spoken to in TLS that proves it, unless the URL says `sslmode=disable`. There is no `prefer`:
//! whoever is on the way could choose plain text.

use std::path::Path;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use secrecy::{ExposeSecret as _, SecretString};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use crate::certificates;
use crate::network::tls;
use crate::store::postgres_error::PostgresError;
use crate::text::Foreign;

/// A database's address. Without `Debug`: it has the password.
#[derive(Clone)]
pub(super) struct Address {
    config: Config,
    authorities: Vec<CertificateDer<'static>>,
}

/// Beginnings of a URL.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// Longest wait for a connection to one host.
const CONNECT: Duration = Duration::from_secs(10);

/// A connection whose bytes are not acknowledged for so long is broken.
const UNACKNOWLEDGED: Duration = Duration::from_secs(20);

impl Address {
    /// The address in a URL.
    ///
    /// # Errors
    /// When the URL is none, or its authorities can't be read.
    pub(super) fn parse(url: &SecretString, password: Option<&SecretString>) -> Result<Self, PostgresError> {
        let wrong = |what: &str| PostgresError::Url(what.into());
        let url = url.expose_secret();
        if !SCHEMES.iter().any(|scheme| url.starts_with(scheme)) {
            return Err(wrong("it does not begin with `postgres://`"));
        }
        let Query { url, mode, authorities } = Query::of(url)?;
        let mut config: Config = url.parse().map_err(|error| {
            let error: tokio_postgres::Error = error;
            PostgresError::Url(std::error::Error::source(&error).map_or("it can't be parsed".into(), |cause| {
                // The library names an option or a part, and never the value.
                cause.to_string().into()
            }))
        })?;
        if config.get_hosts().is_empty() {
            return Err(wrong("it names no host"));
        }
        if let (None, Some(password)) = (config.get_password(), password) {
            config.password(password.expose_secret());
        }
        let is_local = config.get_hosts().iter().all(is_local);
        config.ssl_mode(match mode.as_deref() {
            None if is_local => SslMode::Disable,
            Some("disable") => SslMode::Disable,
            None | Some("require" | "verify-full") => SslMode::Require,
            Some(_) => return Err(wrong("its `sslmode` is neither `require` nor `disable`")),
        });
        config.connect_timeout(CONNECT).tcp_user_timeout(UNACKNOWLEDGED).application_name("crhost");
        Ok(Self { config, authorities })
    }

    /// How the library connects.
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// TLS that proves the server.
    ///
    /// # Errors
    /// When a certificate can't be used.
    pub(super) fn tls(&self) -> Result<ClientConfig, PostgresError> {
        tls::client_config(self.authorities.clone(), None, &[])
            .map_err(|error| PostgresError::Tls(error.to_string().into()))
    }

    /// Servers and database, for users.
    pub(super) fn name(&self) -> String {
        let hosts = self.config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(path) => path.display().to_string(),
        });
        let hosts: Vec<String> = hosts.collect();
        let database = self.config.get_dbname().or(self.config.get_user()).unwrap_or_default();
        format!("{}/{database}", hosts.join(","))
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// What crhost reads of a URL's query itself.
struct Query {
    /// The URL without it.
    url: String,
    mode: Option<String>,
    authorities: Vec<CertificateDer<'static>>,
}

impl Query {
    fn of(url: &str) -> Result<Self, PostgresError> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut authorities, mut others) = (None, Vec::new(), Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", value)) => mode = Some(value.to_owned()),
                Some(("sslrootcert", path)) => {
                    let path = percent_decode_str(path).decode_utf8_lossy();
                    authorities = certificates::in_file(Path::new(&*path))
                        .map_err(|error| PostgresError::Tls(Foreign(error).to_string().into()))?;
                }
                _ => others.push(pair),
            }
        }
        let url = if others.is_empty() { base.to_owned() } else { format!("{base}?{}", others.join("&")) };
        Ok(Self { url, mode, authorities })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Explain as _;

    fn mode(url: &str) -> Result<SslMode, String> {
        Address::parse(&url.into(), None)
            .map(|address| address.config.get_ssl_mode())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_server_elsewhere_is_proved_unless_the_url_says_otherwise() {
        for local in
            ["postgres://u@localhost/d", "postgresql://u@127.0.0.1:5433/d", "postgres:///d?host=/run/pg&user=u"]
        {
            assert_eq!(mode(local), Ok(SslMode::Disable), "{local}");
        }
        for proved in [
            "postgres://u@db.example/d",
            "postgres://u@db.example/d?sslmode=verify-full",
            "postgres://u@localhost,db/d",
        ] {
            assert_eq!(mode(proved), Ok(SslMode::Require), "{proved}");
        }
        assert_eq!(mode("postgres://u@db.example/d?sslmode=disable"), Ok(SslMode::Disable));
        assert!(mode("postgres://u@db.example/d?sslmode=prefer").unwrap_err().contains("sslmode"));
    }

    #[test]
    fn a_url_that_is_none_is_not_repeated() {
        for wrong in
            ["hunter2", "mysql://u:hunter2@db/d", "postgres://u:hunter2@/d", "postgres://u:hunter2@db/d?hunter=2&x=%zz"]
        {
            let error = Address::parse(&wrong.into(), None).err().unwrap();
            assert!(!error.to_string().contains("hunter2") && error.hint().is_some(), "{error}");
        }
    }

    #[test]
    fn a_password_of_the_environment_is_for_urls_without_one() {
        let password = |url: &str| {
            let address = Address::parse(&url.into(), Some(&"of-environment".into())).ok().unwrap();
            String::from_utf8(address.config.get_password().unwrap().to_vec()).unwrap()
        };
        assert_eq!(password("postgres://u@db/d"), "of-environment");
        assert_eq!(password("postgres://u:own@db/d"), "own");
    }
}
