//! A fake SOCKS 5 proxy (RFC 1928, RFC 1929), which records its targets and connects every client to one server.

use parking_lot::Mutex;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use crate::support::fakes::forward_proxy::join;
use crate::support::fakes::listener::Listener;

/// The proxy, and the targets that it was asked for.
pub(crate) struct SocksProxy {
    listener: Listener,
    targets: Arc<Mutex<Vec<String>>>,
}

impl SocksProxy {
    /// One that wants this user and password, if any, and connects to `port` of this machine.
    pub(crate) fn leading_to(port: u16, login: Option<(&'static str, &'static str)>) -> Self {
        let targets: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&targets);
        let listener = Listener::start(move |mut stream, _| {
            if !greet(&mut stream, login)? {
                return Ok(());
            }
            kept.lock().push(target(&mut stream)?);
            stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
            join(stream, TcpStream::connect(("127.0.0.1", port))?)
        });
        Self { listener, targets }
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.listener.port()
    }

    /// The targets so far, as `host:port`.
    pub(crate) fn targets(&self) -> Vec<String> {
        self.targets.lock().clone()
    }
}

/// Agrees on a method; `false` where the client has no fitting login.
fn greet(stream: &mut TcpStream, login: Option<(&str, &str)>) -> io::Result<bool> {
    let mut head = [0; 2];
    stream.read_exact(&mut head)?;
    let mut methods = vec![0; head[1].into()];
    stream.read_exact(&mut methods)?;
    let Some((user, password)) = login else {
        stream.write_all(&[5, 0])?;
        return Ok(true);
    };
    if !methods.contains(&2) {
        stream.write_all(&[5, 0xff])?;
        return Ok(false);
    }
    stream.write_all(&[5, 2])?;
    let mut version = [0];
    stream.read_exact(&mut version)?;
    let is_right = (text(stream)?.as_str(), text(stream)?.as_str()) == (user, password);
    stream.write_all(&[1, u8::from(!is_right)])?;
    Ok(is_right)
}

fn target(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = [0; 4];
    stream.read_exact(&mut head)?;
    let host = match head[3] {
        1 => {
            let mut address = [0; 4];
            stream.read_exact(&mut address)?;
            std::net::Ipv4Addr::from(address).to_string()
        }
        _ => text(stream)?,
    };
    let mut port = [0; 2];
    stream.read_exact(&mut port)?;
    Ok(format!("{host}:{}", u16::from_be_bytes(port)))
}

/// A text behind its length.
fn text(stream: &mut TcpStream) -> io::Result<String> {
    let mut length = [0];
    stream.read_exact(&mut length)?;
    let mut bytes = vec![0; length[0].into()];
    stream.read_exact(&mut bytes)?;
    String::from_utf8(bytes).map_err(io::Error::other)
}
