//! The registries that the options of a push mean.

use crate::cli::failure::Failure;
use crate::push::Choice;
use crate::registry::{Destination, TypedUri, Unregistered};

/// One choice for each `--to`, each once; without any, the one that the other options and the image's name make.
///
/// # Errors
/// When a text is neither a name nor a URI.
pub(super) fn choices(
    to: Vec<String>,
    flavor: Option<String>,
    uri: Option<String>,
    options: Vec<(String, String)>,
) -> Result<Vec<Choice>, Failure> {
    let unregistered = Unregistered { flavor, uri: None, options: options.into_iter().collect() };
    let mut destinations: Vec<Destination> = Vec::new();
    for text in to {
        let destination = text.parse()?;
        if !destinations.contains(&destination) {
            destinations.push(destination);
        }
    }
    if destinations.is_empty() {
        let uri = uri.map(|uri| uri.parse::<TypedUri>()).transpose()?;
        return Ok(vec![Choice { to: None, unregistered: Unregistered { uri, ..unregistered } }]);
    }
    let choice = |destination| match destination {
        Destination::Name(name) => {
            // What is said of registries that are not registered goes to those of them that are none.
            Choice { to: Some(name), unregistered: unregistered.clone() }
        }
        Destination::Uri(uri) => {
            Choice { to: None, unregistered: Unregistered { uri: Some(uri), ..unregistered.clone() } }
        }
    };
    Ok(destinations.into_iter().map(choice).collect())
}

#[cfg(test)]
mod tests {

    fn choices(to: &[&str], uri: Option<&str>) -> Vec<(bool, bool)> {
        let to = to.iter().map(ToString::to_string).collect();
        let choices = super::choices(to, None, uri.map(ToOwned::to_owned), Vec::new()).ok().unwrap();
        choices.iter().map(|choice| (choice.to.is_some(), choice.unregistered.uri.is_some())).collect()
    }

    #[test]
    fn each_registry_is_one_choice_however_often_it_is_named() {
        assert_eq!(choices(&["gar", "ghcr.io/acme", "gar", "ghcr.io/acme"], None), [(true, false), (false, true)]);
        assert_eq!(choices(&[], None), [(false, false)]);
        assert_eq!(choices(&[], Some("ghcr.io/acme")), [(false, true)]);
        assert_eq!(choices(&["gar"], Some("ghcr.io/acme")), [(true, false)]);
    }
}
