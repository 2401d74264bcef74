//! Refusals: the first one is recorded at once, the same ones of the same minute as one row with their number. Whoever
//! sends a million requests that are refused fills no disk with rows.

use std::collections::HashMap;

use parking_lot::Mutex;

use crate::store::{AuditRecord, AuditTime};

/// Different refusals of one caller in a minute that have rows of their own; further ones have one together.
const OF_ONE: usize = 10;

/// Different refusals in a minute that have rows of their own.
const MAX: usize = 50;

/// The error of the row for all that are over.
const OTHERS: &str = "others";

/// The refusals of this minute.
#[derive(Default)]
pub(super) struct Refusals(Mutex<HashMap<String, (AuditRecord, u64)>>);

impl Refusals {
    /// Notes a refusal. Gives the record to write now, if it is the first of its kind.
    pub(super) fn note(&self, record: AuditRecord) -> Option<AuditRecord> {
        let mut noted = self.0.lock();
        let record = match noted.contains_key(&name(&record)) {
            true => record,
            false if noted.len() >= MAX => {
                alike(AuditRecord { actor: Default::default(), error: Some(OTHERS.into()), ..record })
            }
            false if noted.values().filter(|(one, _)| one.actor == record.actor).count() >= OF_ONE => alike(record),
            false => record,
        };
        let (_, more) = match noted.entry(name(&record)) {
            std::collections::hash_map::Entry::Occupied(found) => found.into_mut(),
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert((record.clone(), 0));
                return Some(record);
            }
        };
        *more += 1;
        None
    }

    /// The rows for what came besides the first ones, at the end of a minute.
    pub(super) fn summaries(&self) -> Vec<AuditRecord> {
        let noted = std::mem::take(&mut *self.0.lock());
        let more = noted.into_values().filter(|(_, more)| *more > 0);
        more.map(|(record, more)| AuditRecord { time: AuditTime::now(), count: Some(more), ..record }).collect()
    }
}

/// The record without what it was about.
fn alike(record: AuditRecord) -> AuditRecord {
    AuditRecord { registry: None, repository: None, operation: None, ..record }
}

/// What records of the same have in common.
fn name(record: &AuditRecord) -> String {
    let timeless = AuditRecord { time: AuditTime::default(), ..record.clone() };
    // Texts and numbers, which JSON can always represent.
    serde_json::to_string(&timeless).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{AuditActor, AuditOutcome};

    fn refused(subject: &str, repository: &str) -> AuditRecord {
        AuditRecord {
            time: AuditTime::now(),
            actor: AuditActor { subject: Some(subject.into()), ..AuditActor::default() },
            action: "login".into(),
            outcome: AuditOutcome::Refused,
            error: Some("denied".into()),
            repository: Some(repository.into()),
            ..AuditRecord::default()
        }
    }

    #[test]
    fn a_flood_makes_a_few_rows_and_hides_no_other_caller() {
        let refusals = Refusals::default();
        assert!(refusals.note(refused("a", "acme/a")).is_some());
        for _ in 0..1_000 {
            assert!(refusals.note(refused("a", "acme/a")).is_none());
        }
        // One that asks for something else each time.
        let rows = (0..1_000).filter_map(|n| refusals.note(refused("flood", &format!("acme/{n}")))).count();
        assert_eq!(rows, OF_ONE + 1);
        assert!(refusals.note(refused("b", "acme/a")).is_some());
        let summaries = refusals.summaries();
        let of = |subject: &str| summaries.iter().find(|row| row.actor.subject.as_ref().unwrap() == subject).unwrap();
        assert_eq!((of("a").count, of("a").repository.as_deref()), (Some(1_000), Some("acme/a")));
        assert_eq!((of("flood").count, &of("flood").repository), (Some(1_000 - 11), &None));
        assert_eq!(summaries.len(), 2);
        assert!(refusals.note(refused("a", "acme/a")).is_some(), "another minute");
        assert_eq!(refusals.summaries(), []);
        // As many callers as there are.
        let rows = (0..1_000).filter_map(|n| refusals.note(refused(&format!("{n}"), "acme/a"))).count();
        assert_eq!(rows, MAX + 1);
        assert_eq!(refusals.summaries().iter().map(|row| row.count.unwrap()).sum::<u64>(), 1_000 - 51);
    }
}
