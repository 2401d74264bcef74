//! Refusals: the first one is recorded at once, the same ones of the same minute as one row with their number. Whoever
//! sends a million requests that are refused fills no disk with rows.

use std::collections::HashMap;

use parking_lot::Mutex;

use crate::store::{AuditActor, AuditRecord, AuditTime};

/// Different refusals of one caller in a minute that have rows of their own; further ones have one for each error.
const OF_ONE: usize = 10;

/// Rows of different refusals in a minute besides the first one of each caller.
const FURTHER: usize = 50;

/// Callers in a minute that have rows of their own; what further ones are refused is summed up without names.
const CALLERS: usize = 1_000;

/// The error of the row for all that are over.
const OTHERS: &str = "others";

/// The refusals of this minute.
#[derive(Default)]
pub(super) struct Refusals(Mutex<Minute>);

/// Refusals by caller and kind.
#[derive(Default)]
struct Minute {
    callers: HashMap<AuditActor, HashMap<String, (AuditRecord, u64)>>,
    further: usize,
}

impl Refusals {
    /// Notes a refusal. Gives the record to write now, if it is the first of its kind. What one caller asks for takes
    /// nothing of another's first row, nor of the one for all of his others.
    pub(super) fn note(&self, record: AuditRecord) -> Option<AuditRecord> {
        let mut minute = self.0.lock();
        let minute = &mut *minute;
        let is_named = minute.callers.contains_key(&record.actor) || minute.callers.len() < CALLERS;
        let record = if is_named { record } else { nameless(record) };
        let kinds = minute.callers.entry(record.actor.clone()).or_default();
        let record = if !is_named || kinds.is_empty() || kinds.contains_key(&name(&record)) {
            record
        } else if kinds.len() < OF_ONE && minute.further < FURTHER {
            minute.further += 1;
            record
        } else {
            alike(record)
        };
        let (_, more) = match kinds.entry(name(&record)) {
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
        let more = noted.callers.into_values().flat_map(HashMap::into_values).filter(|(_, more)| *more > 0);
        more.map(|(record, more)| AuditRecord { time: AuditTime::now(), count: Some(more), ..record }).collect()
    }
}

/// The record without whom and what it was about.
fn nameless(record: AuditRecord) -> AuditRecord {
    AuditRecord { actor: AuditActor::default(), error: Some(OTHERS.into()), ..alike(record) }
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
    use crate::store::AuditOutcome;

    fn refused(subject: &str, repository: &str) -> AuditRecord {
        AuditRecord {
            time: AuditTime::now(),
            actor: AuditActor::default().with_subject(subject),
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
        let of = |subject: &str| {
            let actor = AuditActor::default().with_subject(subject);
            summaries.iter().find(|row| row.actor == actor).unwrap()
        };
        assert_eq!((of("a").count, of("a").repository.as_deref()), (Some(1_000), Some("acme/a")));
        assert_eq!((of("flood").count, &of("flood").repository), (Some(1_000 - 11), &None));
        assert_eq!(summaries.len(), 2);
        assert!(refusals.note(refused("a", "acme/a")).is_some(), "another minute");
        assert_eq!(refusals.summaries(), []);
    }

    #[test]
    fn no_caller_hides_whom_else_was_refused() {
        let refusals = Refusals::default();
        // Five callers of ten kinds each, and one more kind.
        for caller in 0..5 {
            for kind in 0..11 {
                refusals.note(refused(&format!("flood {caller}"), &format!("acme/{kind}")));
            }
        }
        let other = refused("other", "acme/a");
        let first = refusals.note(other.clone()).unwrap();
        assert_eq!((&first.actor, &first.repository), (&other.actor, &other.repository));
        let second = refusals.note(refused("other", "acme/b"));
        assert!(second.is_none_or(|row| row.actor == other.actor));
        // As many callers as there are.
        let rows = (0..2_000).filter_map(|n| refusals.note(refused(&format!("{n}"), "acme/a")));
        let rows: Vec<AuditRecord> = rows.collect();
        assert_eq!(rows.len(), CALLERS - 6 + 1);
        let last = rows.last().unwrap();
        assert_eq!((&last.actor, last.error.as_deref()), (&AuditActor::default(), Some(OTHERS)));
        assert!(refusals.note(refused("other", "acme/a")).is_none());
        let summaries = refusals.summaries();
        assert!(summaries.iter().any(|row| row.actor == other.actor && row.count == Some(1)));
        let nameless = summaries.iter().find(|row| row.error.as_deref() == Some(OTHERS)).unwrap();
        assert_eq!(nameless.count, Some(2_000 - 995));
    }
}
