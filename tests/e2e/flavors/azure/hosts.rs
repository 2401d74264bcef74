//! Microsoft's hosts under their own names, which only a proxy resolves: pushes without options for endpoints.

use std::fs;

use super::fakes::{Azure, LOGIN_SERVER, SECRET};
use super::{PUSH, assert_only_entra_saw, connector, service_principal};
use crate::support::fakes::certificates::Authority;
use crate::support::fakes::forward_proxy;
use crate::support::fakes::listener::Listener;
use crate::support::fakes::tls_proxy;
use crate::support::programs::crhost::Home;
use crate::support::programs::registration::RegistrySpec;

const ENTRA: &str = "login.microsoftonline.com";

/// Azure behind its own names, and the proxy that leads there.
struct Cloud {
    azure: Azure,
    proxy: Listener,
    _front: Listener,
}

/// Has a home live where there is such a cloud.
fn cloud(home: &mut Home) -> Cloud {
    let azure = Azure::with_realm(|_| format!("https://{LOGIN_SERVER}/oauth2/token"));
    let port = |url: &str| url.rsplit(':').next().unwrap().parse::<u16>().unwrap();
    let (entra, tokens) = (port(&azure.entra.url()), port(&azure.tokens.url()));
    let registry = azure.registry.port();
    let authority = Authority::new();
    let front = tls_proxy::routing(&authority.identity(&[ENTRA, LOGIN_SERVER]), move |host, path| match host {
        ENTRA => entra,
        LOGIN_SERVER if path.starts_with("/oauth2/") => tokens,
        LOGIN_SERVER => registry,
        other => panic!("nobody has business with {other}"),
    });
    let proxy = forward_proxy::leading_to(front.port(), "HTTP/1.1 200 Connected\r\n\r\n");
    fs::write(home.path("authority.pem"), authority.pem()).unwrap();
    home.set("SSL_CERT_FILE", home.path("authority.pem"));
    home.set("HTTPS_PROXY", format!("http://localhost:{}", proxy.port()));
    Cloud { azure, proxy, _front: front }
}

/// Registers the registry under its own name, with hosts that are inside a private network.
#[track_caller]
fn contoso(home: &Home, hosts: &[&str]) {
    let acr = RegistrySpec::new("acr", "azure", LOGIN_SERVER).connector("my-azure");
    let private = |host: &&str| ["--allow-private-host".to_owned(), format!("https://{host}")];
    let private: Vec<String> = hosts.iter().flat_map(private).collect();
    acr.more(&private.iter().map(String::as_str).collect::<Vec<_>>()).register(home);
}

#[test]
fn a_registry_under_its_own_name_needs_no_options() {
    let (mut home, _) = Home::with_image();
    let cloud = cloud(&mut home);
    service_principal(&mut home, SECRET);
    contoso(&home, &[ENTRA, LOGIN_SERVER]);
    let pushed = home.ok(&PUSH);
    assert_only_entra_saw(&cloud.azure, &home, SECRET, &pushed);
    assert_eq!((cloud.azure.registry.tags(), cloud.azure.exchanges()), (1, 1));
    assert!(cloud.azure.registry.requests().contains(&"PUT /v2/team/train/manifests/v1".to_owned()));
    let exchange =
        cloud.azure.tokens.requests().into_iter().find(|request| request.line == "POST /oauth2/exchange").unwrap();
    assert!(exchange.body.contains(&format!("service={LOGIN_SERVER}&")), "{}", exchange.body);
    for connect in cloud.proxy.requests() {
        let host = connect.strip_prefix("CONNECT ").unwrap().split(':').next().unwrap();
        assert!([ENTRA, LOGIN_SERVER].contains(&host), "{connect}");
    }
}

#[test]
fn a_stored_token_goes_to_the_registry_under_its_own_name() {
    let (mut home, _) = Home::with_image();
    let cloud = cloud(&mut home);
    fs::write(home.path("token"), cloud.azure.access_token("https://containerregistry.azure.net")).unwrap();
    connector(&home, "access-token", &["--token=@token"]);
    contoso(&home, &[LOGIN_SERVER]);
    home.ok(&PUSH);
    assert_eq!((cloud.azure.registry.tags(), cloud.azure.exchanges()), (1, 1));
}
