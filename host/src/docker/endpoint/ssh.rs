//! Where a daemon is behind SSH, and how the program `ssh` is asked for it.

/// A machine behind SSH, as in `ssh://ann@build.example:22/run/docker.sock`. No part is an option of `ssh`, and none
/// means anything to a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SshTarget {
    user: Option<String>,
    host: String,
    port: Option<u16>,
    /// The daemon's socket there; `None` for the one that `docker` finds there.
    socket: Option<String>,
}

impl SshTarget {
    /// Parses `[user@]host[:port][/path]`. Passwords are refused, as `docker` refuses them, and so are characters that
    /// a shell or `ssh` may read in another way.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (authority, path) = text.find('/').map_or((text, ""), |slash| text.split_at(slash));
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, authority),
        };
        let (host, port) = match place.strip_prefix('[') {
            Some(rest) => rest.split_once(']')?,
            None => place.find(':').map_or((place, ""), |colon| place.split_at(colon)),
        };
        let in_brackets = place.starts_with('[');
        let port = match port.strip_prefix(':') {
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                Some(digits.parse().ok().filter(|port| *port != 0)?)
            }
            None if port.is_empty() => None,
            _ => return None,
        };
        let is_plain = is_word(host, if in_brackets { b":." } else { b"._-" })
            && user.is_none_or(|user| is_word(user, b"._-+"))
            && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b));
        let socket = Some(path).filter(|path| !path.trim_matches('/').is_empty()).map(str::to_owned);
        is_plain.then(|| Self { user: user.map(str::to_owned), host: host.to_owned(), port, socket })
    }

    /// The arguments of `ssh`, as `docker` has them (`cli/connhelper` of <https://github.com/docker/cli>).
    #[must_use]
    pub(crate) fn arguments(&self) -> Vec<String> {
        let user = self.user.iter().flat_map(|user| ["-l".to_owned(), user.clone()]);
        let port = self.port.iter().flat_map(|port| ["-p".to_owned(), port.to_string()]);
        let docker = match &self.socket {
            Some(socket) => format!("docker --host=unix://{socket} system dial-stdio"),
            None => "docker system dial-stdio".to_owned(),
        };
        let rest = ["-o", "ConnectTimeout=30", "-T", "--", &self.host, &docker].map(str::to_owned);
        user.chain(port).chain(rest).collect()
    }

    /// The endpoint's text without its scheme.
    #[must_use]
    pub(super) fn text(&self) -> String {
        let user = self.user.as_ref().map_or_else(String::new, |user| format!("{user}@"));
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let port = self.port.map_or_else(String::new, |port| format!(":{port}"));
        format!("{user}{host}{port}{}", self.socket.as_deref().unwrap_or_default())
    }
}

/// Whether a text is letters, digits and `others`, and can't be taken for an option.
fn is_word(text: &str, others: &[u8]) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || others.contains(&b);
    !text.is_empty() && !text.starts_with('-') && text.bytes().all(allowed)
}
