//! Real registries: the CNCF's `docker-registry`, in each of the ways in which people run it.

use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use crate::support::fakes::signer::{ISSUER, Signer};
use crate::support::fakes::token_server::{SERVICE, TokenServer};
use crate::support::judges::skopeo::Access;
use crate::support::programs::process::Server;
use crate::support::programs::registry_config::{
    Config, DELETING, MUTUAL_TLS, PASSWORD_AUTH, READ_ONLY, TLS, prove_names,
};
use crate::support::programs::tree::files;

/// The user of all registries that have one.
pub(crate) const USER: &str = "alice";
/// Her password.
pub(crate) const PASSWORD: &str = "s3cret";
/// [`USER`] and the bcrypt hash of [`PASSWORD`].
const HTPASSWD: &str = "alice:$2b$05$N9qo8uLOickgx2ZMRZoMyeP4mAtT5dyjaFgwguTPlaNLISO3m4zgm\n";
/// A password that occurs nowhere else, and that every encoding changes.
pub(crate) const UNUSUAL_PASSWORD: &str = "cAnary/p4ss+w0rd=&%Zx9Q~7tKv";
/// The bcrypt hash of [`UNUSUAL_PASSWORD`].
const UNUSUAL_HASH: &str = "$2b$05$Yy/vk/CVQF0pTHQgVtupQ.5JTc67VmS0G2e0fsziKgK4/.g1IfREW";
/// The user and the password that moto's `GetAuthorizationToken` gives for its account.
pub(crate) const ECR_TOKEN: &str = "AWS:123456789012-auth-token";
/// The same, with a bcrypt hash.
const ECR_HTPASSWD: &str = "AWS:$2b$05$AodsWqLtwo1ps6xAh2XqL.llDhkjkEO0V4WgwrEIXnTs7d3ufh.OO\n";

/// The access token that the fake of Google gives for the credentials that it knows.
pub(crate) const GOOGLE_TOKEN: &str = "ya29.token-of-the-fake-google";
/// The user of access tokens, with a bcrypt hash of [`GOOGLE_TOKEN`].
const GOOGLE_HTPASSWD: &str = "oauth2accesstoken:$2b$05$N9qo8uLOickgx2ZMRZoMye7DqHSs4loNh1Mvr4PBVq7yL8UGmeK.2\n";

/// A running registry with a storage of its own.
pub(crate) struct Registry {
    server: Server,
    host: String,
    directory: TempDir,
    access: Access,
}

impl Registry {
    /// Plain HTTP, open to all.
    #[track_caller]
    pub(crate) fn open() -> Self {
        Self::start(&Config::default(), |_| Access::default())
    }

    /// Plain HTTP, open to all, and manifests can be deleted.
    #[track_caller]
    pub(crate) fn deleting() -> Self {
        Self::start(&Config { storage: DELETING, ..Config::default() }, |_| Access::default())
    }

    /// Has it free what no manifest names, as its operators do: it stands still meanwhile.
    #[track_caller]
    pub(crate) fn collect_garbage(&mut self) {
        self.stop();
        let file = self.directory.path().join("config.yml");
        let done = Command::new("docker-registry").arg("garbage-collect").arg(file).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        self.start_again();
    }

    /// Plain HTTP, and nothing may be written.
    #[track_caller]
    pub(crate) fn read_only() -> Self {
        Self::start(&Config { storage: READ_ONLY, ..Config::default() }, |_| Access::default())
    }

    /// Plain HTTP, and a password for everything.
    #[track_caller]
    pub(crate) fn with_password() -> Self {
        Self::with_htpasswd(HTPASSWD, &format!("{USER}:{PASSWORD}"))
    }

    /// Plain HTTP, and [`UNUSUAL_PASSWORD`] for everything.
    #[track_caller]
    pub(crate) fn with_unusual_password() -> Self {
        Self::with_unusual_password_of(USER)
    }

    /// The same, with another user.
    #[track_caller]
    pub(crate) fn with_unusual_password_of(user: &str) -> Self {
        Self::with_htpasswd(&format!("{user}:{UNUSUAL_HASH}\n"), &format!("{user}:{UNUSUAL_PASSWORD}"))
    }

    /// Plain HTTP, and for everything the password that moto gives in the place of ECR.
    #[track_caller]
    pub(crate) fn with_ecr_token() -> Self {
        Self::with_htpasswd(ECR_HTPASSWD, ECR_TOKEN)
    }

    /// Plain HTTP, and for everything the token that the fake of Google gives.
    #[track_caller]
    pub(crate) fn with_google_token() -> Self {
        Self::with_htpasswd(GOOGLE_HTPASSWD, &format!("oauth2accesstoken:{GOOGLE_TOKEN}"))
    }

    /// Plain HTTP, and for everything `USER:PASSWORD`, of which the first argument has the line of `htpasswd`.
    #[track_caller]
    pub(crate) fn with_htpasswd(htpasswd: &str, credentials: &str) -> Self {
        Self::start(&Config { auth: PASSWORD_AUTH, ..Config::default() }, |directory| {
            fs::write(directory.join("htpasswd"), htpasswd).unwrap();
            Access { credentials: Some(credentials.to_owned()), ..Access::default() }
        })
    }

    /// TLS by an authority of its own, and a password for everything.
    #[track_caller]
    pub(crate) fn with_password_over_tls() -> Self {
        Self::start(&Config { tls: TLS, auth: PASSWORD_AUTH, ..Config::default() }, |directory| {
            fs::write(directory.join("htpasswd"), HTPASSWD).unwrap();
            Access {
                credentials: credentials(),
                authorities: Some(prove_names(directory, &["localhost", "127.0.0.1"])),
            }
        })
    }

    /// TLS, and open to clients with a certificate of its own authority; skopeo has one.
    #[track_caller]
    pub(crate) fn for_certified_clients() -> Self {
        Self::start(&Config { tls: MUTUAL_TLS, ..Config::default() }, |directory| Access {
            authorities: Some(prove_names(directory, &["localhost"])),
            ..Access::default()
        })
    }

    /// The same, in the place of ECR Public: under its name, too, and with the password that ECR gives.
    #[track_caller]
    pub(crate) fn of_ecr_public() -> Self {
        Self::start(&Config { tls: TLS, auth: PASSWORD_AUTH, ..Config::default() }, |directory| {
            fs::write(directory.join("htpasswd"), ECR_HTPASSWD).unwrap();
            let authorities = prove_names(directory, &["public.ecr.aws", "localhost"]);
            Access { credentials: Some(ECR_TOKEN.to_owned()), authorities: Some(authorities) }
        })
    }

    /// Plain HTTP, and tokens of a token server for everything.
    #[track_caller]
    pub(crate) fn with_tokens(tokens: &TokenServer) -> Self {
        Self::with_tokens_of(&tokens.realm(), SERVICE, tokens.signer(), credentials())
    }

    /// The same, with the service that gives tokens at `realm`; skopeo gets in with `credentials`.
    #[track_caller]
    pub(crate) fn with_tokens_of(realm: &str, service: &str, signer: &Signer, credentials: Option<String>) -> Self {
        let auth = format!(
            "auth: {{token: {{realm: \"{realm}\", service: {service}, issuer: {ISSUER}, rootcertbundle: DIRECTORY/tokens.crt}}}}\n"
        );
        Self::start(&Config { auth: &auth, ..Config::default() }, |directory| {
            fs::write(directory.join("tokens.crt"), signer.certificate()).unwrap();
            Access { credentials, ..Access::default() }
        })
    }

    #[track_caller]
    fn start(config: &Config<'_>, prepare: impl FnOnce(&Path) -> Access) -> Self {
        let directory = TempDir::new().unwrap();
        let access = prepare(directory.path());
        let file = directory.path().join("config.yml");
        fs::write(&file, config.text().replace("DIRECTORY", directory.path().to_str().unwrap())).unwrap();
        let (server, port) = serve(&file);
        Self { server, host: format!("localhost:{port}"), directory, access }
    }

    /// Starts it again after [`stop`](Self::stop), at the same place and with all that it kept.
    #[track_caller]
    pub(crate) fn start_again(&mut self) {
        let file = self.directory.path().join("config.yml");
        let config = fs::read_to_string(&file).unwrap();
        fs::write(&file, config.replace("\"127.0.0.1:0\"", &format!("\"127.0.0.1:{}\"", self.port()))).unwrap();
        self.server = serve(&file).0;
    }

    /// Ends it; nothing answers there then.
    pub(crate) fn stop(&mut self) {
        self.server.stop();
    }

    /// `localhost:<port>`.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.host.rsplit_once(':').unwrap().1.parse().unwrap()
    }

    /// How skopeo gets in.
    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    /// The file of the authority that signed its certificate.
    pub(crate) fn authority(&self) -> PathBuf {
        self.access.authorities.as_ref().unwrap().join("ca.crt")
    }

    /// The requests so far, as `GET /v2/`.
    pub(crate) fn requests(&self) -> Vec<String> {
        let request = |line: &String| Some(line.split_once("] \"")?.1.split_once(" HTTP/")?.0.to_owned());
        self.server.log().iter().filter_map(request).collect()
    }

    /// The requests of some work with a registry that speaks plain HTTP. The registry may write them down after it has
    /// answered them: a request before and after the work shows where they are.
    #[track_caller]
    pub(crate) fn requests_of(&self, work: impl FnOnce()) -> Vec<String> {
        let before = self.mark();
        work();
        let after = self.mark();
        self.requests().into_iter().skip(before).take(after - before - 1).collect()
    }

    /// Makes a request, and gives the number of requests when that is written down.
    #[track_caller]
    fn mark(&self) -> usize {
        static LAST: AtomicUsize = AtomicUsize::new(0);
        let path = format!("/v2/?mark={}", LAST.fetch_add(1, Ordering::Relaxed));
        let mut stream = TcpStream::connect(("127.0.0.1", self.port())).unwrap();
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n").unwrap();
        let own = format!("GET {path}");
        let position = |_: &str| self.requests().iter().position(|request| *request == own);
        self.server.wait_for(position) + 1
    }

    /// Expects that it has seen no upload and keeps nothing.
    #[track_caller]
    pub(crate) fn assert_untouched(&self) {
        let requests = self.requests();
        let writes = |request: &&String| !request.starts_with("GET ") && !request.starts_with("HEAD ");
        assert_eq!(requests.iter().find(writes), None, "{requests:?}");
        assert_eq!((self.stored(), self.tags()), (0, 0));
    }

    /// Loses the content of all blobs and manifests; their names stay.
    pub(crate) fn lose_content(&self) {
        fs::remove_dir_all(self.directory.path().join("data/docker/registry/v2/blobs")).unwrap();
    }

    /// Changes a byte of each blob of at least so many bytes.
    pub(crate) fn damage_blobs(&self, least: u64) {
        let blobs = files(&self.directory.path().join("data/docker/registry/v2/blobs"));
        for file in blobs.iter().filter(|file| file.ends_with("data")) {
            if fs::metadata(file).unwrap().len() >= least {
                let mut bytes = fs::read(file).unwrap();
                bytes[1000] ^= 1;
                fs::write(file, bytes).unwrap();
            }
        }
    }

    /// How many blobs and manifests it keeps.
    pub(crate) fn stored(&self) -> usize {
        files_named("data", &self.directory.path().join("data/docker/registry/v2/blobs"))
    }

    /// How many uploads were begun and neither ended nor taken back.
    pub(crate) fn open_uploads(&self) -> usize {
        files_named("startedat", &self.directory.path().join("data"))
    }

    /// How many tags it knows.
    pub(crate) fn tags(&self) -> usize {
        files_named("current/link", &self.directory.path().join("data"))
    }
}

/// The program, and its port: it chooses one and says which.
#[track_caller]
fn serve(config: &Path) -> (Server, u16) {
    let server = Server::start(Command::new("docker-registry").arg("serve").arg(config));
    let port = server.wait_for(|line| {
        line.split_once("listening on 127.0.0.1:")?.1.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    });
    (server, port)
}

fn credentials() -> Option<String> {
    Some(format!("{USER}:{PASSWORD}"))
}

fn files_named(name: &str, directory: &Path) -> usize {
    files(directory).iter().filter(|path| path.ends_with(name)).count()
}
