//! `WWW-Authenticate`: the credentials that a registry asks for.

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

/// One challenge (RFC 9110, section 11.6.1): a scheme and its parameters, the names of both in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Challenge {
    pub(crate) scheme: String,
    parameters: Vec<(String, String)>,
}

/// Bytes of a header that are read. Registries send a few hundred; the rest of a longer one is ignored.
const MAX_HEADER: usize = 16 * 1024;

impl Challenge {
    /// The value of a parameter, the first where it comes twice.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// All challenges of an answer, in their order.
    pub(crate) fn all(headers: &HeaderMap) -> Vec<Self> {
        headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok()).flat_map(parse).collect()
    }
}

/// Reads one header line. A part that can't be understood is skipped, so that no challenge is answered by mistake.
fn parse(header: &str) -> Vec<Challenge> {
    let mut challenges: Vec<Challenge> = Vec::new();
    let mut rest = header.get(..MAX_HEADER).unwrap_or(header);
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (name, after) = token(rest);
        if name.is_empty() {
            // No name where one must stand: skip the character that is in the way.
            let mut characters = rest.chars();
            match characters.next() {
                Some('"') => rest = quoted(characters.as_str()).1,
                Some(_) => rest = characters.as_str(),
                None => return challenges,
            }
            continue;
        }
        let name = name.to_ascii_lowercase();
        match after.trim_start_matches([' ', '\t']).strip_prefix('=') {
            // `name=value` belongs to the challenge before it. Where there is no challenge before it, or it is the
            // padding of a `token68` (`Negotiate YII=`), it means nothing here.
            Some(value) => {
                let (value, after) = value_of(value.trim_start_matches([' ', '\t']));
                if let Some(challenge) = challenges.last_mut() {
                    challenge.parameters.push((name, value));
                }
                rest = after;
            }
            None => {
                challenges.push(Challenge { scheme: name, parameters: Vec::new() });
                rest = after;
            }
        }
    }
}

/// The token characters of RFC 9110, section 5.6.2, at the start of `text`, and what follows them.
fn token(text: &str) -> (&str, &str) {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    text.split_at(text.find(|c| !is_token(c)).unwrap_or(text.len()))
}

fn value_of(text: &str) -> (String, &str) {
    match text.strip_prefix('"') {
        Some(inside) => quoted(inside),
        // Registries leave out the quotes around URLs too, so a bare value ends at a comma or a blank only.
        None => {
            let (value, rest) = text.split_at(text.find([',', ' ', '\t']).unwrap_or(text.len()));
            (value.to_owned(), rest)
        }
    }
}

/// The rest of a quoted string, its escapes undone, and what follows the closing quote.
fn quoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '"' => break,
            '\\' => value.extend(characters.next()),
            c => value.push(c),
        }
    }
    (value, characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(header: &str) -> String {
        let challenge = |c: Challenge| {
            let parameters: Vec<_> = c.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{}({})", c.scheme, parameters.join("|"))
        };
        parse(header).into_iter().map(challenge).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn challenges_are_read_however_they_are_written() {
        for (header, read) in [
            (
                r#"Bearer realm="https://a/t",service="s",scope="repository:x:pull,push""#,
                "bearer(realm=https://a/t|service=s|scope=repository:x:pull,push)",
            ),
            (r#"BASIC Realm="x""#, "basic(realm=x)"),
            (r#"Basic realm="a", Bearer realm="b",service="c""#, "basic(realm=a) bearer(realm=b|service=c)"),
            (r#"Negotiate, Bearer realm="b""#, "negotiate() bearer(realm=b)"),
            (r#"bearer realm = "b" , service=c"#, "bearer(realm=b|service=c)"),
            (r#"Bearer realm=https://a/t?x=y,service=s"#, "bearer(realm=https://a/t?x=y|service=s)"),
            (r#"Bearer realm="say \"hi\" \\ there, Basic""#, r#"bearer(realm=say "hi" \ there, Basic)"#),
            (r#",, Bearer ,realm="b",,"#, "bearer(realm=b)"),
            (r#"Bearer realm="never closed"#, "bearer(realm=never closed)"),
            (r#"Basic"#, "basic()"),
            (r#"realm="nobody""#, ""),
            (r#"Bearer realm=,service="#, "bearer(realm=|service=)"),
            (r#"Bearer realm=ü"#, "bearer(realm=ü)"),
            (r#""Bearer realm=x" Basic"#, "basic()"),
            (r#"((( Basic"#, "basic()"),
            ("", ""),
        ] {
            assert_eq!(shown(header), read, "{header}");
        }
    }

    #[test]
    fn a_padded_token_hides_no_challenge_after_it() {
        let challenges = parse(r#"Negotiate YIIJvwYGKwYBBQ==, Basic realm="x""#);
        assert_eq!(challenges.last().unwrap().scheme, "basic");
        assert_eq!(challenges.last().unwrap().parameter("realm"), Some("x"));
    }

    #[test]
    fn several_headers_are_several_challenges() {
        let mut headers = HeaderMap::new();
        headers.append(WWW_AUTHENTICATE, "Basic realm=a".parse().unwrap());
        headers.append(WWW_AUTHENTICATE, "Bearer realm=b".parse().unwrap());
        assert_eq!(Challenge::all(&headers).len(), 2);
    }
}
