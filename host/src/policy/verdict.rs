//! What all policies together said.

use super::error::{PolicyError, Refusal};
use super::ruling::{Outcome, Ruling, Warning};
use crate::flavor::Subject;
use crate::text::Escaped;

/// Characters of all reasons in an error. Fewer than an error may have, and the same part for each policy, so that none
/// hides what another one says.
const SHOWN: usize = 3_000;

/// The warnings of all policies, unless one refuses.
///
/// # Errors
/// When one or more refuse; the error has the messages of each.
pub(super) fn verdict(subject: &Subject, rulings: &[Ruling]) -> Result<Vec<Warning>, PolicyError> {
    let refusing: Vec<&Ruling> = rulings.iter().filter(|ruling| ruling.refuses()).collect();
    let Some(first) = refusing.first() else {
        let warning = |ruling: &Ruling| {
            let policy = ruling.policy.clone();
            let messages = ruling.messages.clone();
            messages.into_iter().map(move |message| Warning { policy: policy.clone(), message })
        };
        let warning_rulings = rulings.iter().filter(|ruling| ruling.outcome == Outcome::Warn);
        return Ok(warning_rulings.flat_map(warning).collect());
    };
    let share = SHOWN / refusing.len();
    let reasons: Vec<String> = refusing.iter().map(|ruling| reason(ruling, share)).collect();
    let describe = || format!("`crhost policy describe {}` shows what it demands", first.policy).into();
    Err(PolicyError::Refused(Box::new(Refusal {
        image: Escaped::new(&subject.reference, 300),
        action: subject.action,
        reasons: reasons.join("; ").into(),
        hint: first.hint.clone().unwrap_or_else(describe),
    })))
}

/// The messages of a policy that refuses, under its name: as many as its share of characters has room for.
fn reason(ruling: &Ruling, share: usize) -> String {
    let failed = if ruling.outcome == Outcome::Failed { " failed" } else { "" };
    let mut shown: Vec<String> = Vec::new();
    let mut left = share;
    for message in &ruling.messages {
        let message = String::from(Escaped::new(message, share));
        let length = message.chars().count();
        if length > left && !shown.is_empty() {
            shown.push("and more, which `crhost policy check` shows".to_owned());
            break;
        }
        left = left.saturating_sub(length);
        shown.push(message);
    }
    format!("policy `{}`{failed}: {}", ruling.policy, shown.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Explain as _, Kind};
    use crate::flavor::Action;

    fn ruling(policy: &str, outcome: Outcome, messages: &[&str]) -> Ruling {
        let messages = messages.iter().map(|&message| message.into()).collect();
        Ruling { policy: policy.parse().unwrap(), outcome, messages, hint: None }
    }

    fn subject() -> Subject {
        Subject::new(Action::Push, &"ghcr.io/acme/train:latest".parse().unwrap())
    }

    #[test]
    fn a_refusal_has_the_messages_of_all_who_refuse_and_of_no_other() {
        let rulings = [
            ruling("a", Outcome::Allow, &[]),
            ruling("b", Outcome::Warn, &["old"]),
            ruling("c", Outcome::Deny, &["one", "two"]),
            ruling("d", Outcome::Failed, &["`admit` took longer than 5 s"]),
        ];
        let error = verdict(&subject(), &rulings).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`ghcr.io/acme/train:latest` is not pushed: policy `c`: one; two; policy `d` failed: `admit` took longer \
             than 5 s"
        );
        assert_eq!(error.kind(), Kind::Policy);
        assert_eq!(error.hint().unwrap(), "`crhost policy describe c` shows what it demands");
    }

    #[test]
    fn no_policy_hides_what_another_one_says() {
        let long = "x".repeat(1_000);
        let many: Vec<&str> = vec![&long; 16];
        let rulings = [ruling("loud", Outcome::Deny, &many), ruling("quiet", Outcome::Deny, &["the reason"])];
        let shown = verdict(&subject(), &rulings).unwrap_err().to_string();
        assert!(shown.contains("and more, which `crhost policy check` shows; policy `quiet`: the reason"), "{shown}");
        assert!(shown.chars().count() < 4_000);
    }

    #[test]
    fn warnings_alone_let_it_happen() {
        let rulings = [ruling("a", Outcome::Allow, &[]), ruling("b", Outcome::Warn, &["one", "two"])];
        let warnings = verdict(&subject(), &rulings).unwrap();
        let shown: Vec<_> = warnings.iter().map(|one| format!("{}: {}", one.policy, one.message)).collect();
        assert_eq!(shown, ["b: one", "b: two"]);
        assert!(verdict(&subject(), &[]).unwrap().is_empty());
    }
}
