//! A service that repeats what it was sent, in a form of its own.
//!
//! `same-FORM` sends the token and asks what was sent within one call; `next-FORM` sends it in one call and asks in the
//! next one, which sends nothing secret.

use crate::scene::{Outcome, Scene, tell, words};

pub(crate) fn attempt(scene: &Scene<'_>) -> Outcome {
    if let Some(form) = scene.name.strip_prefix("same-") {
        let sent = tell(&scene.whoami("/user/me"));
        return Some([sent, vec![asked(scene, form)]].concat());
    }
    scene.name.strip_prefix("next-").map(|_| tell(&scene.whoami("/user/me")))
}

/// What it learns in the next call.
pub(crate) fn read_again(scene: &Scene<'_>) -> Option<String> {
    scene.name.strip_prefix("next-").map(|form| asked(scene, form))
}

fn asked(scene: &Scene<'_>, form: &str) -> String {
    format!("learnt {}", words(&scene.get(&format!("/public/{form}")).send()))
}
