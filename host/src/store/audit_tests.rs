//! Tests of the audit, in both homes.

use std::ops::ControlFlow;

use super::audit::{AuditFault, AuditHead, AuditOutcome, AuditRecord, AuditTime, hash};
use super::audit_rows::{AuditFilter, AuditRow};
use super::homes::in_both_homes;
use super::{Grantee, Home, IfTaken, RegistryRecord, Store, StoreError};
use crate::grant::Grant;

fn put(store: &Store, name: &str) -> Result<(), StoreError> {
    let registry = RegistryRecord::example(name, "localhost:5000/acme");
    store.put_registry(&registry, Grantee::EXAMPLE, &[], IfTaken::Keep).map(drop)
}

fn rows(store: &Store, filter: &AuditFilter) -> Vec<AuditRow> {
    let mut all = Vec::new();
    let add = |rows: Vec<AuditRow>| {
        all.extend(rows);
        ControlFlow::Continue(())
    };
    store.audit_rows(filter, add, |sequence| panic!("row {sequence} is damaged")).unwrap();
    all
}

fn login(registry: &str) -> AuditRecord {
    AuditRecord {
        time: AuditTime::now(),
        action: "login".into(),
        registry: Some(registry.into()),
        ..AuditRecord::default()
    }
}

fn what_changes_is_recorded_with_it_and_what_does_not_is_not(home: &Home) {
    let store = Store::open(home).unwrap();
    put(&store, "a").unwrap();
    let before = store.revision().unwrap();
    put(&store, "a").unwrap();
    assert_eq!(store.revision().unwrap(), before);
    let host = Grant::written("https://api.example.com".parse().unwrap());
    store.change_grants(Grantee::EXAMPLE, Some(&"a".parse().unwrap()), &[host], &[]).unwrap();
    store.rename_registry(&"a".parse().unwrap(), &"b".parse().unwrap()).unwrap();
    assert!(store.remove_registry(&"a".parse().unwrap()).is_err());
    let credential = super::CachedCredential {
        username: "u".to_owned(),
        password: "hunter2".into(),
        expires_at: u64::MAX,
        given_at: None,
    };
    store.cache_credential(b"key", &credential).unwrap();
    let failed: Result<(), StoreError> = store.together("apply", |store| {
        put(store, "c")?;
        Err(StoreError::Random)
    });
    assert!(failed.is_err());
    store.together("apply", |store| put(store, "c").and_then(|()| put(store, "d"))).unwrap();
    let found = rows(&store, &AuditFilter::default());
    let shown = |row: &AuditRow| {
        let entry = &row.entry;
        let texts = [Some(&entry.action), entry.target.as_ref(), entry.via.as_ref()];
        let shown = texts.into_iter().flatten().map(|text| text.to_string()).collect::<Vec<_>>().join(" ");
        format!("{} {shown}", row.sequence)
    };
    assert_eq!(
        found.iter().map(shown).collect::<Vec<_>>(),
        [
            "1 registry.register a",
            "2 flavor.grant default",
            "3 registry.rename a",
            "4 registry.register c apply",
            "5 registry.register d apply"
        ]
    );
    assert!(found.iter().all(|row| row.entry.actor.user.is_some() && row.entry.outcome == AuditOutcome::Done));
    assert_eq!(found[0].entry.host.as_deref(), Some("localhost:5000/acme"));
    assert_eq!(found[1].entry.changed, ["+ https://api.example.com"]);
    let head = store.check_audit(None).unwrap();
    assert_eq!((head.sequence, &head.hash), (5, &found[4].hash));
}

fn rows_are_found_by_what_they_are_about(home: &Home) {
    let store = Store::open(home).unwrap();
    put(&store, "a").unwrap();
    store.append_to_audit(&[login("a"), login("b")]).unwrap();
    let count = |filter: AuditFilter| rows(&store, &filter).len();
    let all = AuditFilter::default();
    assert_eq!(count(all.clone()), 3);
    assert_eq!(count(AuditFilter { registry: Some("a".to_owned()), ..all.clone() }), 2);
    assert_eq!(count(AuditFilter { action: "registry".parse().ok(), ..all.clone() }), 1);
    assert_eq!(count(AuditFilter { action: "registry.register".parse().ok(), ..all.clone() }), 1);
    assert_eq!(count(AuditFilter { action: "key".parse().ok(), ..all.clone() }), 0);
    assert_eq!(count(AuditFilter { actor: Some("unknown".to_owned()), ..all.clone() }), 2);
    assert_eq!(count(AuditFilter { outcome: Some(AuditOutcome::Refused), ..all.clone() }), 0);
    assert_eq!(count(AuditFilter { last: Some(2), action: "login".parse().ok(), ..all.clone() }), 2);
    assert_eq!(count(AuditFilter { since: Some(AuditTime(i64::MAX)), ..all.clone() }), 0);
    let until = Some(AuditTime::now().before(std::time::Duration::from_secs(3600)));
    assert_eq!(count(AuditFilter { until, ..all }), 0);
}

/// What is found once these statements were run, which are taken back.
fn tampered(home: &Home, store: &Store, sql: &[&str], kept: Option<&AuditHead>) -> Result<AuditHead, String> {
    let mut found = Err(String::new());
    let on = if home.shared().is_some() { " ON audit" } else { "" };
    let _: Result<(), StoreError> = store.together("test", |store| {
        store.remember(|transaction| {
            transaction
                .batch(&format!("DROP TRIGGER audit_is_not_changed{on}; DROP TRIGGER audit_is_not_removed{on}"))?;
            sql.iter().try_for_each(|sql| transaction.batch(sql))
        })?;
        assert_eq!(store.missing_audit_triggers().unwrap().len(), 2);
        found = store.check_audit(kept).map_err(|error| error.to_string());
        Err(StoreError::Random)
    });
    found
}

fn a_row_that_was_changed_removed_or_moved_is_found(home: &Home) {
    let store = Store::open(home).unwrap();
    let records: Vec<AuditRecord> = (0..43).map(|n| login(&format!("r{n}"))).collect();
    let head = store.append_to_audit(&records).unwrap();
    assert_eq!(store.check_audit(Some(&head)).unwrap(), head);
    let refused = |sql: &str| store.remember(|transaction| transaction.execute(sql, ())).unwrap_err().to_string();
    assert!(refused("UPDATE audit SET action = 'x'").contains("never changed"));
    assert!(refused("DELETE FROM audit WHERE sequence = 1").contains("never removed"));
    let row = |sequence: i64| rows(&store, &AuditFilter::default())[usize::try_from(sequence).unwrap() - 1].clone();
    let says = |sql: &[&str], words: &str| {
        let found = tampered(home, &store, sql, None).unwrap_err();
        assert!(found.contains(words), "{sql:?}: {found}");
    };
    says(
        &["UPDATE audit SET record = replace(record, 'r6', 'x6') WHERE sequence = 7"],
        "row 7 of the audit was changed",
    );
    says(&["UPDATE audit SET registry = 'x' WHERE sequence = 7"], "row 7 of the audit was changed: its columns");
    says(&["UPDATE audit SET hash = previous WHERE sequence = 7"], "row 7 of the audit was changed");
    says(&["DELETE FROM audit WHERE sequence = 7"], "row 7 of the audit is missing");
    says(&["DELETE FROM audit WHERE sequence = 1"], "row 1 of the audit is missing");
    says(
        &["DELETE FROM audit WHERE sequence = 7", "UPDATE audit SET sequence = 7 WHERE sequence = 43"],
        "row 7 of the audit was changed",
    );
    // With a hash that fits, the next row tells.
    let (five, new) = (row(5), row(5).record.replace("r4", "x4"));
    let forged = hash(5, &five.previous, &new);
    let forge = format!("UPDATE audit SET record = '{new}', registry = 'x4', hash = '{forged}' WHERE sequence = 5");
    says(&[&forge], "row 6 of the audit does not follow row 5");
    // What no chain shows by itself: its end cut off, or all of it written anew.
    let cut = ["DELETE FROM audit WHERE sequence > 5"];
    assert_eq!(tampered(home, &store, &cut, None).unwrap().sequence, 5);
    assert!(tampered(home, &store, &cut, Some(&head)).unwrap_err().contains("its end was cut off"));
    let anew = [cut[0], forge.as_str()];
    let kept = AuditHead { sequence: 5, hash: five.hash };
    assert!(tampered(home, &store, &anew, None).is_ok());
    assert!(tampered(home, &store, &anew, Some(&kept)).unwrap_err().contains("written anew"));
    assert_eq!(store.check_audit(Some(&kept)).unwrap(), head);
    assert!(matches!(store.check_audit(Some(&AuditHead { sequence: 44, ..head })), Err(AuditFault::CutOff { .. })));
}

fn many_writers_make_one_chain(home: &Home) {
    drop(Store::open(home).unwrap());
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                let store = Store::open(home).unwrap();
                for n in 0..10 {
                    match thread {
                        0 => put(&store, &format!("r{n}")).unwrap(),
                        _ => store.append_to_audit(&[login("a"), login("b")]).map(drop).unwrap(),
                    }
                }
            });
        }
    });
    assert_eq!(Store::open(home).unwrap().check_audit(None).unwrap().sequence, 10 + 3 * 10 * 2);
}

/// The last row in words.
fn last(store: &Store) -> String {
    let row = rows(store, &AuditFilter { last: Some(1), ..AuditFilter::default() }).remove(0).entry;
    let changed = row.changed.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    format!("{} {}: {changed}", row.action, row.target.unwrap_or_default())
}

fn a_record_says_what_was_changed_and_granted(home: &Home) {
    let store = Store::open(home).unwrap();
    let host = |text: &str| text.parse::<crate::grant::HostPattern>().unwrap();
    let (plain, secret) = (Grant::written(host("https://a.example")), Grant::with_secrets(host("https://a.example")));
    let asked = Grant::asked(host("https://b.example"));
    let registry = RegistryRecord::example("r1", "localhost:5000/acme");
    let replace = |registry: &RegistryRecord, granted: &[Grant]| {
        store.put_registry(registry, Grantee::EXAMPLE, granted, IfTaken::Replace).unwrap();
    };
    replace(&registry, std::slice::from_ref(&secret));
    assert_eq!(last(&store), "registry.register r1: option `a`; + https://a.example with secrets");
    replace(&registry, &[plain.clone(), asked.clone()]);
    let lowered = "- https://a.example with secrets; + https://a.example; + https://b.example as requested";
    assert_eq!(last(&store), format!("registry.update r1: {lowered}"));
    let other = RegistryRecord { uri: "localhost:5001/acme".parse().unwrap(), ..registry.clone() };
    store.update_registry(&registry, &other).unwrap();
    assert_eq!(last(&store), "registry.update r1: URI: localhost:5001/acme (was localhost:5000/acme)");
    let name = |text: &str| text.parse::<crate::store::Name>().unwrap();
    store.copy_registry(&name("r1"), &name("r9")).unwrap();
    assert_eq!(last(&store), "registry.copy r1: r9; + https://a.example; + https://b.example as requested");
    store.change_grants(Grantee::EXAMPLE, Some(&name("r1")), &[secret.clone(), asked.clone()], &[]).unwrap();
    assert_eq!(last(&store), "flavor.grant default: - https://a.example; + https://a.example with secrets");
    store.rename_registry(&name("r9"), &name("r8")).unwrap();
    for (registry, count) in [("r9", 2), ("r8", 1), ("r1", 5), ("r", 0)] {
        let filter = AuditFilter { registry: Some(registry.to_owned()), ..AuditFilter::default() };
        assert_eq!(rows(&store, &filter).len(), count, "{registry}");
    }
    store.use_registry(&name("r1")).unwrap();
    // What changes nothing has no row.
    let before = store.check_audit(None).unwrap();
    replace(&other, &[secret.clone(), asked.clone()]);
    store.update_registry(&other, &other).unwrap();
    store.change_grants(Grantee::EXAMPLE, Some(&name("r1")), &[secret], &[host("https://c.example")]).unwrap();
    store.use_registry(&name("r1")).unwrap();
    assert_eq!(store.check_audit(None).unwrap(), before);
    // What goes with a built-in flavor is what it was granted.
    store.change_grants(Grantee { flavor: "aws", digest: None }, None, &[asked], &[]).unwrap();
    assert!(!store.remove_flavor("aws").unwrap());
    assert_eq!(last(&store), "flavor.grant aws: - https://b.example as requested");
    store.remove_registry(&name("r8")).unwrap();
    assert_eq!(last(&store), "registry.remove r8: - https://a.example; - https://b.example as requested");
}

fn a_row_with_the_last_number_and_one_below_the_first_are_told(home: &Home) {
    let store = Store::open(home).unwrap();
    store.append_to_audit(&[login("a")]).unwrap();
    store.audit_goes_on().unwrap();
    assert!(store.missing_audit_triggers().unwrap().is_empty());
    let insert = |sequence: i64, record: &str| {
        let sql = format!("INSERT INTO audit VALUES ({sequence}, 0, 'x', NULL, '{record}', '', '')");
        store.remember(|transaction| transaction.execute(&sql, ()))
    };
    insert(0, "{}").unwrap_err();
    insert(-7, "{}").unwrap_err();
    insert(i64::MAX, "no record").unwrap();
    assert!(matches!(store.audit_goes_on(), Err(StoreError::AuditEnds(i64::MAX))));
    assert!(matches!(put(&store, "b"), Err(StoreError::AuditEnds(i64::MAX))));
    assert!(matches!(store.append_to_audit(&[login("a")]), Err(StoreError::AuditEnds(i64::MAX))));
    assert!(!store.has_registry(&"b".parse().unwrap()).unwrap());
    assert!(matches!(store.check_audit(None), Err(AuditFault::Missing(2))));
    // The others are shown all the same.
    let (mut shown, mut damaged) = (0, Vec::new());
    let show = |rows: Vec<AuditRow>| {
        shown += rows.len();
        ControlFlow::Continue(())
    };
    store.audit_rows(&AuditFilter::default(), show, |sequence| damaged.push(sequence)).unwrap();
    assert_eq!((shown, damaged), (1, vec![i64::MAX]));
}

#[test]
fn others_can_verify_a_hash_without_crhost() {
    // printf 'crhost audit 1\n1\n%064d\n{"a":1}\n' 0 | sha256sum
    let start = AuditHead::start();
    assert_eq!(hash(1, &start.hash, r#"{"a":1}"#), "a9af7efe7de2d664b37efcc9f2e9548c42dd94a4892d206a46df7cf83a0d65c7");
}

#[test]
fn a_record_is_the_same_text_wherever_it_is_written() {
    let record = AuditRecord {
        time: AuditTime(1_795_953_600_123),
        actor: super::AuditActor {
            issuer: Some("github".into()),
            claims: [("repository".into(), "acme/train".into())].into(),
            ..super::AuditActor::default()
        }
        .with_subject("repo:acme/train\u{1b}[2J"),
        outcome: AuditOutcome::Refused,
        error: Some("denied".into()),
        ..login("prod")
    };
    let record = AuditRecord { time: AuditTime(1_795_953_600_123), ..record };
    let text = r#"{"time":"2026-11-29T12:00:00.123Z","actor":{"issuer":"github","subject":"repo:acme/train\u001b[2J","claims":{"repository":"acme/train"}},"action":"login","outcome":"refused","error":"denied","registry":"prod"}"#;
    assert_eq!(serde_json::to_string(&record).unwrap(), text);
    assert_eq!(serde_json::from_str::<AuditRecord>(text).unwrap(), record);
}

#[test]
fn a_store_in_memory_has_no_audit() {
    let store = Store::in_memory().unwrap();
    put(&store, "a").unwrap();
    assert_eq!(store.check_audit(None).unwrap(), AuditHead::start());
}

in_both_homes! {
    what_changes_is_recorded_with_it_and_what_does_not_is_not,
    rows_are_found_by_what_they_are_about,
    a_row_that_was_changed_removed_or_moved_is_found,
    many_writers_make_one_chain,
    a_record_says_what_was_changed_and_granted,
    a_row_with_the_last_number_and_one_below_the_first_are_told,
}
