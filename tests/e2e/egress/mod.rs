//! The hosts that flavors reach: a guest that tries everything, servers that answer anything, and a user who granted
//! little.

mod answers;
mod certificates;
mod hosts;
mod proxies;
mod requests;

use std::fs;

use crate::support::fakes::certificates::Authority;
use crate::support::fakes::listener::Listener;
use crate::support::http1::answer;
use crate::support::programs::crhost::Home;
use crate::support::programs::prober::Prober;

/// A server that the prober may reach through TLS, and another one that it must not reach.
struct Servers {
    prober: Prober,
    granted: Listener,
    other: Listener,
}

impl Servers {
    /// `https://localhost:PORT` is granted because the user wrote it, and the prober got nothing of what it asked for.
    #[track_caller]
    fn start() -> Self {
        let authority = Authority::new();
        let identity = authority.identity(&["localhost", "127.0.0.1"]);
        let granted = Listener::https(&identity, answer("200 OK", "", "hello"));
        let other = Listener::https(&identity, answer("200 OK", "", "secrets"));
        let mut prober = Prober::new(&["--allow-host", &format!("https://localhost:{}", granted.port())]);
        trust(&mut prober.home, &authority);
        Self { prober, granted, other }
    }

    /// The granted server was asked so often, and the other one never.
    #[track_caller]
    fn assert_asked(&self, times: usize) {
        assert_eq!((self.granted.requests().len(), self.granted.connections()), (times, times));
        assert_eq!(self.other.connections(), 0, "a server that nobody granted was reached");
        self.prober.assert_honest_push_works();
    }
}

/// Makes crhost trust an authority by the variable for that.
fn trust(home: &mut Home, authority: &Authority) {
    let file = home.path("authority.pem");
    fs::write(&file, authority.pem()).unwrap();
    home.set("SSL_CERT_FILE", file);
}

/// Grants a host that the user writes out.
#[track_caller]
fn grant(prober: &Prober, origin: &str) {
    prober.home.ok(&["flavor", "grant", "prober", "--allow-host", origin]);
}
