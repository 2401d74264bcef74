//! Scopes: what a token is to allow (the distribution project's "Token Scope Documentation").

use crate::distribution::wire::challenge::Challenge;

/// Scopes that a registry may add to those that the client asks for. Honest registries add one or two.
const MAX_EXTRA: usize = 8;

/// Adds to `extra` the scopes that challenges name and that neither `asked` nor `extra` cover.
pub(super) fn learn(extra: &mut Vec<String>, asked: &[String], challenges: &[Challenge]) {
    let named = challenges.iter().filter_map(|challenge| challenge.parameter("scope"));
    for scope in named.flat_map(str::split_ascii_whitespace) {
        let is_known = asked.iter().chain(extra.iter()).any(|own| covers(own, scope));
        if !is_known && extra.len() < MAX_EXTRA {
            extra.push(scope.to_owned());
        }
    }
}

/// Whether scope `own` allows all that scope `other` names; the order of actions means nothing.
fn covers(own: &str, other: &str) -> bool {
    match (own.rsplit_once(':'), other.rsplit_once(':')) {
        (Some((name, own)), Some((other_name, other))) => {
            name == other_name && other.split(',').all(|action| own.split(',').any(|own| own == action))
        }
        _ => own == other,
    }
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn the_order_of_actions_means_nothing() {
        assert!(covers("repository:a:pull,push", "repository:a:push,pull"));
        assert!(covers("repository:a:pull,push", "repository:a:pull"));
        assert!(!covers("repository:a:pull,push", "repository:a:pull,push,delete"));
        assert!(!covers("repository:a:pull,push", "repository:b:pull"));
        assert!(!covers("x", "repository:b:pull"));
    }
}
