//! Lists that a registry gives in pages: tags, repositories, referrers.

use std::collections::HashSet;

use http::header::{HeaderMap, LINK};
use http::{Method, StatusCode};
use parking_lot::Mutex;

use super::content;
use super::error::Error;
use super::exchange::Exchange;
use super::location::Destination;
use super::request::Request;
use crate::json::Malformed;

/// Most bytes of one page: some registries know no pages, and 100,000 tags of 128 bytes are 13 MiB.
const MAX_PAGE: usize = 32 * 1024 * 1024;

/// Entries that are asked for in one page, as many as most registries give at most.
const PAGE_ENTRIES: &str = "1000";

/// Most pages of one list: with the usual number of entries in each, ten million.
const MAX_PAGES: usize = 10_000;

/// A list, page by page. A page that failed can be asked for again.
pub(crate) struct Pages<'a, T> {
    exchange: &'a Exchange,
    /// The list, as errors name it.
    name: String,
    parse: fn(&[u8]) -> Result<Vec<T>, Malformed>,
    state: Mutex<State>,
}

struct State {
    next: Next,
    /// The places of the pages that were read: a list that leads back to one has no end.
    seen: HashSet<String>,
}

#[derive(Clone)]
enum Next {
    /// The first page, at this path below `/v2/`, with these parameters.
    First(String, Vec<(&'static str, String)>),
    /// A further page.
    At(Destination),
    /// There is none.
    End,
}

impl<'a, T> Pages<'a, T> {
    /// The list at a path below `/v2/`, which errors call `name`. Nothing is sent yet.
    pub(super) fn new(
        exchange: &'a Exchange,
        path: String,
        name: String,
        parse: fn(&[u8]) -> Result<Vec<T>, Malformed>,
    ) -> Self {
        let parameters = vec![("n", PAGE_ENTRIES.to_owned())];
        let state = State { next: Next::First(path, parameters), seen: HashSet::new() };
        Self { exchange, name, parse, state: Mutex::new(state) }
    }

    /// The same list with these parameters in the place of the number of entries.
    pub(super) fn with(self, parameters: Vec<(&'static str, String)>) -> Self {
        let mut state = self.state.into_inner();
        if let Next::First(path, _) = state.next {
            state.next = Next::First(path, parameters);
        }
        Self { state: Mutex::new(state), ..self }
    }

    /// The next page's entries, which may be none; `None` after the last page.
    ///
    /// # Errors
    /// Any refusal, a page that is no such list or larger than 32 MiB, a list without an end, and a further page on
    /// another server.
    pub(crate) async fn next(&self) -> Result<Option<Vec<T>>, Error> {
        let next = self.state.lock().next.clone();
        let place = match next {
            Next::End => return Ok(None),
            Next::At(place) => place,
            Next::First(path, parameters) => {
                let place = self.exchange.endpoint().await?.below(&path);
                parameters.iter().fold(place, |place, (name, value)| place.with_query(name, value))
            }
        };
        let request = Request::get(place.clone(), self.name.clone(), self.exchange.subject.scopes());
        let response = self.exchange.send(request.succeeding_with(&[StatusCode::OK])).await?;
        let following = self.following(&place, response.headers())?;
        let bytes = content::read(self.exchange, response, MAX_PAGE, &self.name).await?;
        let items = (self.parse)(&bytes).map_err(|malformed| self.senseless(malformed.to_string()))?;
        let mut state = self.state.lock();
        let is_new = state.seen.insert(place.url().to_string());
        if !is_new || state.seen.len() > MAX_PAGES {
            return Err(self.senseless("its pages have no end".to_owned()));
        }
        state.next = following.map_or(Next::End, Next::At);
        Ok(Some(items))
    }

    /// The place of the page after this one, which has to be at the registry itself.
    fn following(&self, place: &Destination, headers: &HeaderMap) -> Result<Option<Destination>, Error> {
        let mut links = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
        let Some(link) = links.find_map(next_link) else { return Ok(None) };
        let registry = self.exchange.known_endpoint().map(|endpoint| &endpoint.base);
        let Some(registry) = registry else { return Ok(None) };
        let next = Destination::follow(registry, place.url(), link)?;
        match next.is_registry() {
            true => Ok(Some(next)),
            false => Err(self.senseless("its next page is on another server".to_owned())),
        }
    }

    fn senseless(&self, problem: String) -> Error {
        let server = self.exchange.registry();
        Error::Protocol { server, request: self.name.clone().into(), problem: problem.into() }
    }
}

impl Request {
    /// A question without content.
    fn get(destination: Destination, name: String, scopes: Vec<String>) -> Self {
        Self::new(Method::GET, destination, name, scopes)
    }
}

/// The target of the link to the next page (RFC 8288): `<…>; rel="next"`, with or without quotes, or alone.
fn next_link(value: &str) -> Option<&str> {
    value.split('<').skip(1).find_map(|link| {
        let (target, parameters) = link.split_once('>')?;
        let mut relations = parameters.split([';', ',']).filter_map(|parameter| parameter.trim().split_once('='));
        let relation = relations.find(|(name, _)| name.trim().eq_ignore_ascii_case("rel"));
        let is_next =
            relation.is_none_or(|(_, relation)| relation.trim().trim_matches('"').eq_ignore_ascii_case("next"));
        is_next.then_some(target)
    })
}

#[cfg(test)]
mod tests {
    use super::next_link;

    #[test]
    fn a_link_to_the_next_page_is_found_among_others() {
        assert_eq!(next_link("</v2/_catalog?last=b&n=2>; rel=\"next\""), Some("/v2/_catalog?last=b&n=2"));
        assert_eq!(next_link("<https://r.example/v2/a?n=1>;rel=next"), Some("https://r.example/v2/a?n=1"));
        assert_eq!(next_link("</a>; rel=\"prev\", </b,c>; rel=\"next\""), Some("/b,c"));
        assert_eq!(next_link("</a>"), Some("/a"));
        assert_eq!(next_link("</a>; rel=\"last\""), None);
        assert_eq!(next_link("none"), None);
    }
}
