//! What was made for a call of a flavor, and may serve the next one: the calls that open a registry come one right
//! after another.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::flavor::{FieldValue, Secret};

/// The longest time for which something serves further calls. Programs print tokens that live for minutes yet (`az` and
/// `gcloud` renew theirs minutes before their end), and a login that has changed is not noticed for so long.
const SERVES: Duration = Duration::from_secs(60);

/// Seconds that an id token has to live yet to serve one more call, which may take as long.
pub(super) const LEFT: u64 = 120;

/// What was made for the last calls, by the names of fields. Without `Debug`: it holds secrets.
#[derive(Default)]
pub(super) struct Ready {
    issued: Mutex<Vec<Kept<Secret>>>,
    printed: tokio::sync::Mutex<Vec<Kept<FieldValue>>>,
}

/// A value of a field, and since when there is one.
struct Kept<T> {
    field: String,
    value: T,
    since: Instant,
}

impl Ready {
    /// Keeps an id token for the next call.
    pub(super) fn keep(&self, field: &str, token: &Secret) {
        let kept = Kept { field: field.to_owned(), value: token.clone(), since: Instant::now() };
        self.issued.lock().push(kept);
    }

    /// The id token that was issued for a call which did not use it. One that was used may be good for one use only.
    pub(super) fn unused(&self, field: &str) -> Option<Secret> {
        let mut issued = self.issued.lock();
        issued.retain(|kept| !kept.value.is_used() && kept.since.elapsed() < SERVES);
        issued.iter().find(|kept| kept.field == field).map(|kept| kept.value.clone())
    }

    /// What a program printed for a call a moment ago, or what `run` has it print now. Calls that come at the same time
    /// wait for one run.
    pub(super) async fn printed<E>(
        &self,
        field: &str,
        run: impl Future<Output = Result<FieldValue, E>>,
    ) -> Result<FieldValue, E> {
        let mut printed = self.printed.lock().await;
        printed.retain(|kept| kept.since.elapsed() < SERVES);
        if let Some(kept) = printed.iter().find(|kept| kept.field == field) {
            return Ok(kept.value.clone());
        }
        let value = run.await?;
        printed.push(Kept { field: field.to_owned(), value: value.clone(), since: Instant::now() });
        Ok(value)
    }

    /// Forgets everything: what comes of it is refused, or at its end.
    pub(super) async fn clear(&self) {
        self.issued.lock().clear();
        self.printed.lock().await.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn an_id_token_serves_until_a_call_uses_it() {
        let ready = Ready::default();
        let token = Secret::new("token", &"x".into(), []);
        ready.keep("token", &token);
        assert!(ready.unused("other").is_none());
        let lent = ready.unused("token").unwrap();
        assert!(ready.unused("token").is_some(), "the call before did not use it");
        assert!(lent.member("none").is_none());
        assert!(ready.unused("token").is_none(), "it was taken");
    }

    #[tokio::test]
    async fn a_program_runs_once_for_calls_that_come_one_after_another_until_it_is_to_run_anew() {
        let (ready, runs) = (Ready::default(), Cell::new(0));
        let run = async |printed: &'static str| {
            let value = ready.printed("token", async {
                runs.set(runs.get() + 1);
                Ok::<_, &str>(FieldValue::Text(printed.to_owned()))
            });
            value.await.map(|value| matches!(value, FieldValue::Text(text) if text == "first"))
        };
        assert_eq!((run("first").await, run("second").await, runs.get()), (Ok(true), Ok(true), 1));
        ready.clear().await;
        assert_eq!((run("second").await, runs.get()), (Ok(false), 2));
        let failed = ready.printed("other", async { Err("exit status 1") }).await;
        assert_eq!(failed.err(), Some("exit status 1"));
    }
}
