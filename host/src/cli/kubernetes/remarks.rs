//! Warnings about credentials that go to a cluster.

use super::super::output;
use crate::kubernetes::Entry;
use crate::text::Moment;

/// Credentials with less life, in seconds, are warned of: a cluster takes minutes to roll an image out.
const SHORT_LIFE: u64 = 5 * 60;

/// Tells what is unwise about credentials in a cluster.
pub(super) fn warn(Entry { registry, login }: &Entry) {
    let name = &registry.name;
    match login.expires_at.map(|end| end.saturating_sub(Moment::now().0)) {
        // The failure that follows says that there are none.
        _ if login.credential.is_anonymous() => {}
        None => {
            let message = format!(
                "no end of the credentials of `{name}` is known: whoever may read the Secret has them for as long as they last"
            );
            output::say("warning", &message);
            output::say(
                "hint",
                "a token for this alone that can only pull is safer, or a connector of a cloud's own credentials, which end",
            );
        }
        Some(left) if left < SHORT_LIFE => {
            output::say("warning", &format!("the credentials of `{name}` end in {left} s, which a pull may miss"));
        }
        Some(_) => {}
    }
}
