//! The words that tell the prober what to send.
//!
//! `METHOD URL [header:NAME=VALUE | show:NAME | times=N | body=TEXT | fill-body=BYTES | fill-header=BYTES |
//! fill-headers=N]…`
//!
//! `show` adds a header of the answer to the outcome, `*` all of them. In every word `\s`, `\t`, `\r`, `\n`, `\0` and
//! `\\` stand for a space, a tab, line breaks, NUL and a backslash.

use crhost_flavor::Failure;
use crhost_flavor::http::{Error, Method, NoResponse, Request, Response};

/// What stands between two requests: an option has one line.
pub(crate) const BETWEEN: &str = " & ";

/// Characters of an answer's body that are shown.
const SHOWN: usize = 100;

/// Sends the request that is written out. Gives the outcomes, equal ones in a row as one, and the last error.
pub(crate) fn run(line: &str) -> Result<(Vec<String>, Option<NoResponse>), Failure> {
    let (request, show, times) = parse(line)?;
    let mut outcomes: Vec<(usize, String)> = Vec::new();
    let mut last = None;
    for _ in 0..times {
        let outcome = request.send();
        let words = words(&outcome, &show);
        match outcomes.last_mut() {
            Some((count, same)) if *same == words => *count += 1,
            _ => outcomes.push((1, words)),
        }
        last = outcome.err().or(last);
    }
    let told = |(count, words): (usize, String)| if count == 1 { words } else { format!("{count} times {words}") };
    Ok((outcomes.into_iter().map(told).collect(), last))
}

/// An outcome in one line.
pub(crate) fn words(outcome: &Result<Response, NoResponse>, show: &[String]) -> String {
    match outcome {
        Ok(response) => {
            let shown = |name: &str| show.iter().any(|wanted| wanted == "*" || wanted == name);
            let headers = response.headers.iter().filter(|(name, _)| shown(name));
            let headers = headers.map(|(name, value)| format!(" {name}={}", String::from_utf8_lossy(value)));
            let body: String = String::from_utf8_lossy(&response.body).chars().take(SHOWN).collect();
            format!("{}{} {} bytes {body}", response.status, headers.collect::<String>(), response.body.len())
        }
        Err(NoResponse { error, .. }) => match error {
            Error::Denied(why) => format!("denied: {why}"),
            Error::InvalidRequest(why) => format!("invalid: {why}"),
            Error::Unreachable(why) => format!("unreachable: {why}"),
            Error::Timeout => "timeout".to_owned(),
            Error::TooLarge => "too-large".to_owned(),
            Error::Exhausted => "exhausted".to_owned(),
        },
    }
}

/// The request, the headers to show, and how often to send it.
fn parse(line: &str) -> Result<(Request<'static>, Vec<String>, usize), Failure> {
    let odd = |word: &str| Failure::invalid_input(format!("`{word}` is no part of a request, expected one"));
    let mut words = line.split(' ').map(unescaped);
    let method = match words.next().as_deref() {
        Some("GET") => Method::Get,
        Some("HEAD") => Method::Head,
        Some("POST") => Method::Post,
        Some("PUT") => Method::Put,
        Some("PATCH") => Method::Patch,
        Some("DELETE") => Method::Delete,
        _ => return Err(odd(line)),
    };
    let mut request = Request::new(method, words.next().unwrap_or_default());
    let (mut show, mut times) = (Vec::new(), 1);
    for word in words {
        let number = |text: &str| text.parse::<usize>().map_err(|_| odd(&word));
        if let Some((name, value)) = word.strip_prefix("header:").and_then(|rest| rest.split_once('=')) {
            request = request.header(name, value.to_owned());
        } else if let Some(name) = word.strip_prefix("show:") {
            show.push(name.to_owned());
        } else {
            let (what, value) = word.split_once('=').ok_or_else(|| odd(&word))?;
            match what {
                "times" => times = number(value)?,
                "body" => request = request.body(value.to_owned()),
                "fill-body" => request = request.body(vec![b'x'; number(value)?]),
                "fill-header" => request = request.header("x-fill", "x".repeat(number(value)?)),
                "fill-headers" => {
                    request = (0..number(value)?).fold(request, |request, n| request.header(format!("x-{n}"), "x"));
                }
                _ => return Err(odd(&word)),
            }
        }
    }
    Ok((request, show, times))
}

fn unescaped(word: &str) -> String {
    let mut text = String::new();
    let mut rest = word.chars();
    while let Some(c) = rest.next() {
        text.push(match c {
            '\\' => match rest.next() {
                Some('s') => ' ',
                Some('t') => '\t',
                Some('r') => '\r',
                Some('n') => '\n',
                Some('0') => '\0',
                _ => '\\',
            },
            other => other,
        });
    }
    text
}
