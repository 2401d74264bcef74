//! HTTP/1.1 by hand: a library would repair the very forms that are tried.

use std::io::{self, BufRead, Read, Write};

use crate::quirk::Transport;

/// A request, read whole.
pub(crate) struct Request {
    /// In upper case.
    pub(crate) method: String,
    /// Without query.
    pub(crate) path: String,
    /// Without `?`.
    pub(crate) query: String,
    /// As they came.
    headers: Vec<(String, String)>,
    /// Without transfer coding.
    pub(crate) body: Vec<u8>,
}

/// An answer before its form is chosen.
#[derive(Default)]
pub(crate) struct Response {
    /// Status code.
    pub(crate) status: u16,
    /// In order; names are compared without case.
    pub(crate) headers: Vec<(String, String)>,
    /// Not sent for `HEAD`, where it counts for `Content-Length`.
    pub(crate) body: Vec<u8>,
}

/// Longest body that is read: the image is far smaller.
const MAX_BODY: u64 = 1 << 20;

impl Request {
    /// A request for nothing.
    pub(crate) fn empty() -> Self {
        let [method, path, query] = [const { String::new() }; 3];
        Self { method, path, query, headers: Vec::new(), body: Vec::new() }
    }

    /// The first header with that name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The value of a query parameter, with percent-encoding of `:` and `/` undone.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        let value = pairs.into_iter().find(|(n, _)| *n == name)?.1;
        Some(value.replace("%3A", ":").replace("%3a", ":").replace("%2F", "/").replace("%2f", "/"))
    }
}

impl Response {
    /// An answer with this status and an empty body.
    pub(crate) fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// Sets a header in place of those with the same name.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.remove(name);
        self.headers.push((name.to_owned(), value.into()));
    }

    /// The same with a header.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set(name, value);
        self
    }

    /// Removes headers with that name.
    pub(crate) fn remove(&mut self, name: &str) {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    }

    /// The header with that name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

/// One line without its end.
fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut bytes = Vec::new();
    stream.take(64 << 10).read_until(b'\n', &mut bytes)?;
    String::from_utf8(bytes).map(|text| text.trim_end().to_owned()).map_err(|_| malformed("not UTF-8"))
}

/// Reads the next request, and asks for its body where the client waits to be asked; none at the connection's end.
pub(crate) fn read(stream: &mut (impl BufRead + Write)) -> io::Result<Option<Request>> {
    let first = line(stream)?;
    if first.is_empty() {
        return Ok(None);
    }
    let mut words = first.split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Err(malformed("request line")) };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    loop {
        let text = line(stream)?;
        if text.is_empty() {
            break;
        }
        let (name, value) = text.split_once(':').ok_or_else(|| malformed("header"))?;
        request.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    if request.header("expect").is_some() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        stream.flush()?;
    }
    if request.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        loop {
            let size = line(stream)?;
            let size = u64::from_str_radix(size.split(';').next().unwrap_or_default(), 16);
            let size = size.ok().filter(|size| *size <= MAX_BODY).ok_or_else(|| malformed("chunk"))?;
            Read::by_ref(stream).take(size).read_to_end(&mut request.body)?;
            line(stream)?;
            if size == 0 {
                break;
            }
        }
    } else {
        let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        Read::by_ref(stream).take(length.min(MAX_BODY)).read_to_end(&mut request.body)?;
    }
    Ok(Some(request))
}

/// Writes an answer in the given form; whether the connection goes on.
pub(crate) fn write(
    stream: &mut impl Write,
    method: &str,
    response: &Response,
    transport: &Transport,
) -> io::Result<bool> {
    let bodiless = method == "HEAD" || matches!(response.status, 204 | 304);
    let chunked = transport.chunked && !transport.http_1_0 && !bodiless;
    let until_close = transport.until_close && !bodiless;
    let close = transport.close || transport.close_silently || transport.http_1_0 || until_close;
    let version = if transport.http_1_0 { "1.0" } else { "1.1" };
    let reason = if transport.no_reason { "" } else { reason(response.status) };
    let mut head = format!("HTTP/{version} {} {reason}\r\n", response.status);
    let mut add = |name: &str, value: &str| {
        let name = match (transport.lower_case, transport.upper_case) {
            (true, _) => name.to_ascii_lowercase(),
            (_, true) => name.to_ascii_uppercase(),
            _ => name.to_owned(),
        };
        head.push_str(&format!("{name}: {value}\r\n"));
    };
    response.headers.iter().for_each(|(name, value)| add(name, value));
    transport.headers.iter().for_each(|(name, value)| add(name, value));
    if chunked {
        add("Transfer-Encoding", "chunked");
    } else if !until_close && response.status != 204 && response.header("content-length").is_none() {
        add("Content-Length", &response.body.len().to_string());
    }
    if close && !transport.close_silently {
        add("Connection", "close");
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    match (bodiless, chunked) {
        (true, _) => {}
        (false, true) => {
            // Two chunks, so that one has to be joined.
            let (first, second) = response.body.split_at(response.body.len() / 2);
            for part in [first, second].into_iter().filter(|part| !part.is_empty()) {
                bytes.extend(format!("{:x}\r\n", part.len()).bytes());
                bytes.extend(part);
                bytes.extend(b"\r\n");
            }
            bytes.extend(b"0\r\n\r\n");
        }
        (false, false) => bytes.extend(&response.body),
    }
    stream.write_all(&bytes)?;
    stream.flush()?;
    Ok(!close)
}

/// Reason phrase of the statuses that occur (RFC 9110, section 15).
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        416 => "Range Not Satisfiable",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Other",
    }
}
