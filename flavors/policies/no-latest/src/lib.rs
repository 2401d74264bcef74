//! The policy `no-latest`: no tag that moves, such as `latest`.

use crhost_flavor::policy::{Decision, Description, Evidence, OptionSpec, Policy, Subject, pattern};

struct NoLatest;

impl Policy for NoLatest {
    fn describe() -> Description {
        Description::new("no-latest", env!("CARGO_PKG_VERSION"), "No tag `latest`, or others that say nothing")
            .option(
                OptionSpec::text("tags", "Tags that are refused, with commas between them; `*` stands for anything")
                    .default("latest"),
            )
            .option(OptionSpec::flag("warn", "Warn of such a tag, and let it pass").default("false"))
    }

    fn admit(subject: Subject, _evidence: Evidence) -> Decision {
        // Such a tag may be deleted.
        if !subject.writes() {
            return Decision::Allow;
        }
        let options = subject.options();
        let refused = options.get("tags").unwrap_or("latest");
        let found = subject.tags.iter().filter_map(|tag| {
            let pattern = pattern::list(refused).find(|pattern| pattern::matches(pattern, tag))?;
            Some(message(tag, pattern))
        });
        let decision = Decision::deny_all(found);
        if options.flag("warn") == Some(true) { decision.softened() } else { decision }
    }
}

fn message(tag: &str, pattern: &str) -> String {
    let why = if tag == pattern { String::new() } else { format!(" (`{pattern}`)") };
    format!("the tag `{tag}` is not allowed{why}, expected one that says which version it is")
}

crhost_flavor::export_policy!(NoLatest);

#[cfg(test)]
mod tests {
    use super::*;
    use crhost_flavor::policy::{Action, ImageEvidence};

    fn decided(subject: Subject) -> Decision {
        NoLatest::admit(subject, Evidence::of(ImageEvidence::default()))
    }

    #[test]
    fn a_tag_that_says_nothing_is_denied_for_pushes_and_copies_and_may_be_deleted() {
        let latest = |action| Subject::new(action, "ghcr.io/acme/train:latest");
        let denied = Decision::deny("the tag `latest` is not allowed, expected one that says which version it is");
        assert_eq!(decided(latest(Action::Push)), denied);
        assert_eq!(decided(latest(Action::Copy)), denied);
        assert_eq!(decided(latest(Action::Delete)), Decision::Allow);
        assert_eq!(decided(Subject::new(Action::Push, "ghcr.io/acme/train:v3")), Decision::Allow);
        assert_eq!(decided(Subject::new(Action::Push, "ghcr.io/acme/train")), Decision::Allow, "named by its digest");
    }

    #[test]
    fn further_tags_count_and_the_option_says_which_are_refused() {
        let mut subject = Subject::new(Action::Push, "ghcr.io/acme/train:v3").option("tags", "latest, main, *-dev");
        subject.tags.extend(["latest".to_owned(), "v3-dev".to_owned()]);
        let Decision::Deny(messages) = decided(subject) else { panic!("it passed") };
        assert_eq!(messages.len(), 2);
        assert_eq!(
            messages[1],
            "the tag `v3-dev` is not allowed (`*-dev`), expected one that says which version it is"
        );
    }

    #[test]
    fn it_can_warn_alone() {
        let subject = Subject::new(Action::Push, "ghcr.io/acme/train:latest").option("warn", "true");
        assert!(matches!(decided(subject), Decision::Warn(messages) if messages.len() == 1));
    }
}
