//! Registered policies: a row for each, in the order in which they are asked, and the component's file by its digest.

use super::audit::{AuditAction, AuditRecord};
use super::database::Store;
use super::error::StoreError;
use super::name::Name;
use super::policy_record::{PolicyRecord, changes};
use super::sql::Transaction;

fn read(record: &str, description: String, is_stored: bool) -> Result<PolicyRecord, StoreError> {
    let record: PolicyRecord =
        serde_json::from_str(record).map_err(|_| StoreError::Damaged("a policy has a wrong record".into()))?;
    Ok(PolicyRecord { description, is_stored, ..record })
}

fn all(connection: &Transaction<'_>) -> Result<Vec<PolicyRecord>, StoreError> {
    let sql = "SELECT record, description, is_stored FROM policies ORDER BY position";
    let rows: Vec<(String, String, bool)> = connection.all(sql, ())?;
    rows.into_iter().map(|(record, description, is_stored)| read(&record, description, is_stored)).collect()
}

fn find(connection: &Transaction<'_>, name: &Name) -> Result<Option<PolicyRecord>, StoreError> {
    let sql = "SELECT record, description, is_stored FROM policies WHERE name = ?1";
    let row: Option<(String, String, bool)> = connection.first(sql, [name.as_str()])?;
    row.map(|(record, description, is_stored)| read(&record, description, is_stored)).transpose()
}

impl Store {
    /// Stores a policy, and its component if there is one to keep. One that takes the place of another of the same name
    /// is asked in its order.
    ///
    /// # Errors
    /// When the name is taken, and not `replace`.
    pub(crate) fn put_policy(
        &self,
        policy: &PolicyRecord,
        component: Option<&[u8]>,
        replace: bool,
    ) -> Result<(), StoreError> {
        // The component is written and removed under the database's write lock, so that every row has its own.
        let record = AuditRecord::change(AuditAction::PolicyRegister, policy.name.as_str())
            .by_flavor(&policy.policy, Some(&policy.digest));
        let old = self.change_told(record, |transaction, record| {
            let old = find(transaction, &policy.name)?;
            record.changed = changes(old.as_ref(), policy);
            if old.is_some() && !replace {
                return Err(StoreError::PolicyTaken(policy.name.clone()));
            }
            if old.is_some() {
                record.action = AuditAction::PolicyUpdate.as_str().into();
            }
            if let Some(component) = component {
                self.write_component(transaction, &policy.digest, component)?;
            }
            if old.as_ref() == Some(policy) {
                return Ok(None);
            }
            let sql = "INSERT INTO policies (name, digest, is_stored, description, record) VALUES (?1, ?2, ?3, ?4, ?5)
                       ON CONFLICT (name) DO UPDATE SET digest = ?2, is_stored = ?3, description = ?4, record = ?5";
            // Never fails: strings, lists and truth values make JSON.
            let record = serde_json::to_string(policy).unwrap_or_default();
            let (name, digest) = (policy.name.as_str(), policy.digest.as_str());
            transaction.execute(sql, (name, digest, policy.is_stored, &policy.description, record))?;
            Ok(old)
        })?;
        self.remove_component_of(old)
    }

    /// All policies, in the order in which they are asked: that of their registration.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn policies(&self) -> Result<Vec<PolicyRecord>, StoreError> {
        self.read(all)
    }

    /// The policy of a name.
    ///
    /// # Errors
    /// When there is none; the error names those that there are.
    pub(crate) fn policy(&self, name: &Name) -> Result<PolicyRecord, StoreError> {
        self.read(|connection| match find(connection, name)? {
            Some(policy) => Ok(policy),
            None => Err(missing(connection, name)?),
        })
    }

    /// The component of a policy that the store keeps, verified by its digest.
    ///
    /// # Errors
    /// When the file is missing or was changed.
    pub(crate) fn policy_component(&self, policy: &PolicyRecord) -> Result<Vec<u8>, StoreError> {
        self.read_component(&policy.digest, || format!("policy `{}`", policy.name))
    }

    /// Removes a policy.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn remove_policy(&self, name: &Name) -> Result<(), StoreError> {
        let old = self.change(AuditRecord::change(AuditAction::PolicyRemove, name.as_str()), |transaction| {
            let old = find(transaction, name)?;
            if old.is_none() {
                return Err(missing(transaction, name)?);
            }
            transaction.execute("DELETE FROM policies WHERE name = ?1", [name.as_str()])?;
            Ok(old)
        })?;
        self.remove_component_of(old)
    }

    fn remove_component_of(&self, policy: Option<PolicyRecord>) -> Result<(), StoreError> {
        match policy {
            Some(policy) if policy.is_stored => self.remove_unused_component(&policy.digest),
            _ => Ok(()),
        }
    }
}

/// The error for a name that no policy has.
fn missing(connection: &Transaction<'_>, name: &Name) -> Result<StoreError, StoreError> {
    let known = all(connection)?.into_iter().map(|policy| policy.name).collect();
    Ok(StoreError::NoPolicy { name: name.clone(), known })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::{Home, PolicyScope};
    use super::*;
    use crate::grant::Grant;
    use crate::image::Digest;

    fn record(name: &str, component: &[u8]) -> PolicyRecord {
        PolicyRecord {
            name: name.parse().unwrap(),
            policy: "bases".to_owned(),
            version: "1.0.0".to_owned(),
            contract: "0.1.1".to_owned(),
            summary: "s".to_owned(),
            digest: Digest::of(component),
            size: 1,
            origin: "/tmp/bases.wasm".to_owned(),
            options: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
            actions: vec!["push".to_owned()],
            registries: vec![PolicyScope { name: Some("prod".parse().unwrap()), uri: "ghcr.io/acme".to_owned() }],
            grants: vec![Grant::written("https://a.example".parse().unwrap())],
            enabled: true,
            is_stored: true,
            description: "{}".to_owned(),
        }
    }

    fn policies_come_back_as_they_were_in_their_order_and_share_a_component_s_file(home: &Home) {
        let store = Store::open(home).unwrap();
        let (second, first) = (record("a-second", b"x"), record("first", b"x"));
        store.put_policy(&first, Some(b"x"), false).unwrap();
        store.put_policy(&second, Some(b"x"), false).unwrap();
        assert_eq!(store.policies().unwrap(), [first.clone(), second.clone()]);
        assert!(matches!(store.put_policy(&first, None, false), Err(StoreError::PolicyTaken(_))));
        let disabled = PolicyRecord { enabled: false, ..first.clone() };
        store.put_policy(&disabled, None, true).unwrap();
        assert_eq!(store.policies().unwrap(), [disabled.clone(), second.clone()]);
        store.put_policy(&disabled, None, true).unwrap();
        let mut told = Vec::new();
        let tell = |rows: Vec<crate::store::AuditRow>| {
            told.extend(rows.into_iter().map(|row| (row.entry.action.to_string(), row.entry.changed)));
            std::ops::ControlFlow::Continue(())
        };
        store.audit_rows(&crate::store::AuditFilter::default(), tell, |_| ()).unwrap();
        assert_eq!(told.len(), 3, "what changes nothing has no row");
        assert_eq!(told[0].0, "policy.register");
        let new = ["enabled: yes", "actions: push", "registries: prod", "option `a`: b", "+ https://a.example"];
        assert_eq!(told[0].1, new);
        assert_eq!((told[2].0.as_str(), told[2].1.len()), ("policy.update", 1));
        assert_eq!(told[2].1, ["enabled: no (was yes)"]);
        store.remove_policy(&first.name).unwrap();
        assert_eq!(store.policy_component(&second).unwrap(), b"x");
        let other = PolicyRecord { name: second.name.clone(), ..record("other", b"y") };
        store.put_policy(&other, Some(b"y"), true).unwrap();
        assert!(store.policy_component(&second).is_err(), "the file of the old bytes is gone");
        assert_eq!(store.policy_component(&other).unwrap(), b"y");
        assert!(
            matches!(store.remove_policy(&first.name), Err(StoreError::NoPolicy { known, .. }) if known == [second.name])
        );
    }

    crate::store::homes::in_both_homes! {
        policies_come_back_as_they_were_in_their_order_and_share_a_component_s_file,
    }
}
