//! HTTP/1 byte by byte, for servers that have to see each byte and may break off after any of them: what no HTTP
//! library lets its user do.

use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};

/// The first byte of a TLS connection (RFC 8446, section 5.1: a record of type `handshake`).
const TLS_HANDSHAKE: u8 = 0x16;

/// More headers than any client here sends: a flavor may send a hundred, and crhost adds its own.
const HEADERS: usize = 128;

/// The head of a request: its first line and its headers.
pub(crate) struct Head {
    /// As it came, with the empty line that ends it.
    text: String,
    /// `GET /v2/`, without the protocol's version.
    line: String,
    headers: Vec<(String, String)>,
}

impl Head {
    /// Reads the head of a request, and nothing of what follows it.
    ///
    /// A client that tries TLS first is told that this is plain HTTP, and its connection is an error.
    pub(crate) fn read<W: Read + Write + ?Sized>(wire: &mut W) -> io::Result<Self> {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            wire.read_exact(&mut byte)?;
            bytes.extend(byte);
            if bytes == [TLS_HANDSHAKE] {
                wire.write_all(answer("400 Bad Request", "", "this is plain HTTP").as_bytes())?;
                return Err(io::Error::other("the client tries TLS"));
            }
        }
        Self::parse(bytes)
    }

    fn parse(bytes: Vec<u8>) -> io::Result<Self> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        request.parse(&bytes).map_err(io::Error::other)?;
        let line = format!("{} {}", request.method.unwrap_or_default(), request.path.unwrap_or_default());
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers = request.headers.iter().map(|header| (header.name.to_owned(), text(header.value))).collect();
        Ok(Self { text: String::from_utf8(bytes).map_err(io::Error::other)?, line, headers })
    }

    /// The head as it came.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Method and target: `PUT /v2/train/manifests/v1`.
    pub(crate) fn line(&self) -> &str {
        &self.line
    }

    /// The method alone.
    pub(crate) fn method(&self) -> &str {
        self.line.split(' ').next().unwrap_or_default()
    }

    /// The target alone: path and query.
    pub(crate) fn target(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }

    /// The first header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// How much content follows, where the client says so.
    pub(crate) fn content_length(&self) -> Option<u64> {
        self.header("content-length")?.parse().ok()
    }

    /// The content of the request, whichever way its length is told.
    pub(crate) fn content<R: Read>(&self, from: R) -> Content<R> {
        let is_chunked = self.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
        Content { from: BufReader::new(from), left: self.content_length().unwrap_or(0), is_chunked }
    }

    /// Takes the content and drops it: a server that closes a connection with unread bytes resets it, and its answer
    /// may be lost with that.
    pub(crate) fn drain(&self, from: impl Read) -> io::Result<()> {
        io::copy(&mut self.content(from), &mut io::sink()).map(drop)
    }

    /// Connects to a server and sends it this head with `more` headers. The server is to close the connection after its
    /// answer, so that the end of that is seen without parsing it.
    pub(crate) fn forward(&self, server: impl ToSocketAddrs, more: &str) -> io::Result<TcpStream> {
        let mut server = TcpStream::connect(server)?;
        let head = self.text.strip_suffix("\r\n").unwrap_or_default();
        write!(server, "{head}{more}connection: close\r\n\r\n")?;
        Ok(server)
    }
}

/// The content of a request, by its length or in chunks (RFC 9112, sections 6 and 7.1).
pub(crate) struct Content<R> {
    from: BufReader<R>,
    /// Of the content, or of the chunk.
    left: u64,
    is_chunked: bool,
}

impl<R: Read> Content<R> {
    /// Reads the line before a chunk, after that of the one before; a chunk without bytes is the end.
    fn next_chunk(&mut self) -> io::Result<()> {
        let mut size = String::new();
        self.from.read_line(&mut size)?;
        self.left = u64::from_str_radix(size.trim(), 16).map_err(io::Error::other)?;
        if self.left == 0 {
            self.is_chunked = false;
            self.from.read_exact(&mut [0; 2])?;
        }
        Ok(())
    }
}

impl<R: Read> Read for Content<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && self.is_chunked {
            self.next_chunk()?;
        }
        if self.left == 0 {
            return Ok(0);
        }
        let most = usize::try_from(self.left).map_or(bytes.len(), |left| left.min(bytes.len()));
        let length = self.from.read(&mut bytes[..most])?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= length as u64;
        if self.left == 0 && self.is_chunked {
            self.from.read_exact(&mut [0; 2])?;
        }
        Ok(length)
    }
}

/// A whole answer, after which the connection ends.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Head {
        Head::read(&mut io::Cursor::new(text.as_bytes().to_vec())).unwrap()
    }

    #[test]
    fn a_head_ends_before_the_content() {
        let mut wire = io::Cursor::new(b"PUT /v2/x?digest=y HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello".to_vec());
        let head = Head::read(&mut wire).unwrap();
        assert_eq!((head.line(), head.method(), head.target()), ("PUT /v2/x?digest=y", "PUT", "/v2/x?digest=y"));
        assert_eq!((head.content_length(), head.header("CONTENT-length")), (Some(5), Some("5")));
        let mut rest = String::new();
        wire.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "hello");
    }

    #[test]
    fn content_in_chunks_is_put_together() {
        let head = head("PATCH / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n");
        let mut content = String::new();
        head.content(&b"5\r\nhello\r\n6\r\n\r\n0\r\n\r\r\n0\r\n\r\nmore"[..]).read_to_string(&mut content).unwrap();
        assert_eq!(content, "hello\r\n0\r\n\r");
    }

    #[test]
    fn content_that_breaks_off_is_an_error() {
        for (headers, content) in [("content-length: 9", "hello"), ("transfer-encoding: chunked", "9\r\nhello")] {
            let head = head(&format!("PUT / HTTP/1.1\r\n{headers}\r\n\r\n"));
            assert!(head.drain(content.as_bytes()).is_err(), "{headers}");
        }
    }

    #[test]
    fn a_client_that_tries_tls_is_told_so() {
        let mut wire = io::Cursor::new(vec![TLS_HANDSHAKE]);
        assert!(Head::read(&mut wire).is_err());
        assert!(wire.into_inner().ends_with(b"this is plain HTTP"));
    }
}
