//! The first component: host and port.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::error::Error;

/// Most characters of one label of a DNS name.
const MAX_LABEL: usize = 63;

/// Says whether the first component of `text` is a host and not the start of a path: it is `localhost`, contains `.` or
/// `:`, or is an IPv6 address in brackets.
pub fn names_host(text: &str) -> bool {
    let first = text.split('/').next().unwrap_or(text);
    first.eq_ignore_ascii_case("localhost") || first.starts_with('[') || first.contains(['.', ':'])
}

/// Parses `host[:port]` into the canonical host and the port.
pub(super) fn parse(authority: &str) -> Result<(String, Option<u16>), Error> {
    if authority.parse::<Ipv6Addr>().is_ok() {
        return Err(Error::BareIpv6(authority.to_owned()));
    }
    let (host, port) = if authority.starts_with('[') {
        let (host, rest) = authority.split_once(']').ok_or_else(|| Error::Ipv6(authority.to_owned()))?;
        let port = match rest.strip_prefix(':') {
            None if rest.is_empty() => None,
            None => return Err(Error::Ipv6(authority.to_owned())),
            Some(port) => Some(port),
        };
        (ipv6(authority, host.trim_start_matches('['))?, port)
    } else {
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        (name(host)?, port)
    };
    let port = port.map(|port| self::port(&host, port)).transpose()?;
    Ok((host, port))
}

fn ipv6(authority: &str, address: &str) -> Result<String, Error> {
    match address.parse::<Ipv6Addr>() {
        Ok(address) => Ok(format!("[{address}]")),
        Err(_) => Err(Error::Ipv6(authority.to_owned())),
    }
}

/// A DNS name or an IPv4 address.
fn name(host: &str) -> Result<String, Error> {
    for label in host.split('.') {
        if label.is_empty() {
            return Err(Error::EmptyLabel(host.to_owned()));
        }
        if label.len() > MAX_LABEL {
            return Err(Error::LongLabel(label.to_owned()));
        }
        let inside = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if !label.chars().all(inside) || label.starts_with(['-', '_']) || label.ends_with(['-', '_']) {
            return Err(Error::Label(label.to_owned()));
        }
    }
    // URL parsers read a name whose last label is a number as an IPv4 address in one of its old spellings (`10.1`,
    // `0x7f000001`), so only the plain one may pass.
    let last = host.rsplit('.').next().unwrap_or(host);
    if is_number(last) && host.parse::<Ipv4Addr>().is_err() {
        return Err(Error::Ipv4(host.to_owned()));
    }
    Ok(host.to_ascii_lowercase())
}

fn is_number(label: &str) -> bool {
    let hex = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    match hex {
        Some(digits) => digits.bytes().all(|b| b.is_ascii_hexdigit()),
        None => label.bytes().all(|b| b.is_ascii_digit()),
    }
}

fn port(host: &str, text: &str) -> Result<u16, Error> {
    let canonical = !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse::<u16>() {
        Ok(port) if canonical => Ok(port),
        _ => Err(Error::Port { host: host.to_owned(), port: text.to_owned() }),
    }
}
