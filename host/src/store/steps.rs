//! The tables, by the steps that made them: those of SQLite and of PostgreSQL.
//!
//! They are written in SQLite's words. A few of them stand for PostgreSQL's own (`sql/postgres/dialect.rs`): `INTEGER`,
//! `TEXT`, `BLOB`, `INTEGER PRIMARY KEY,` for a number that is given to each new row, ` STRICT, WITHOUT ROWID;`, and
//! triggers that refuse. A
//! server of an older version may work beside a newer one, so that a new step only adds: tables, and columns that have
//! a default.

/// The oldest version that may work with tables of this one. The server of a version compares its own with the number
/// that it finds, so that it goes on beside a newer one while a team updates its servers one by one. A step that older
/// programs can't work with, since it changes or removes what they read, raises it to its own number.
pub(super) const LEAST: i64 = 13;

/// The version that this program knows.
pub(super) fn known() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// One step for each version, the first from an empty file. A released step never changes.
pub(super) const STEPS: [&str; 13] = [
    "
CREATE TABLE flavors (
    name          TEXT PRIMARY KEY,
    version       TEXT NOT NULL,
    contract      TEXT NOT NULL,
    summary       TEXT NOT NULL,
    digest        TEXT NOT NULL,
    size          INTEGER NOT NULL,
    origin        TEXT NOT NULL,
    registered_at INTEGER NOT NULL
) STRICT;
CREATE TABLE registries (
    name          TEXT PRIMARY KEY,
    flavor        TEXT NOT NULL,
    uri           TEXT NOT NULL,
    options       TEXT NOT NULL,
    registered_at INTEGER NOT NULL
) STRICT;
CREATE TABLE current_registry (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    name     TEXT NOT NULL REFERENCES registries (name) ON DELETE CASCADE ON UPDATE CASCADE
) STRICT;
CREATE TABLE compressed_layers (
    diff_id     TEXT NOT NULL,
    compression TEXT NOT NULL,
    digest      TEXT NOT NULL,
    size        INTEGER NOT NULL,
    PRIMARY KEY (diff_id, compression)
) STRICT, WITHOUT ROWID;
CREATE TABLE configs (
    digest TEXT PRIMARY KEY,
    bytes  BLOB NOT NULL
) STRICT;
",
    // The description of a flavor, its grants and its runs; connectors.
    "
ALTER TABLE flavors ADD COLUMN description TEXT;
CREATE TABLE grants (
    flavor     TEXT NOT NULL,
    digest     TEXT NOT NULL,
    registry   TEXT NOT NULL,
    pattern    TEXT NOT NULL,
    written    INTEGER NOT NULL,
    secrets    INTEGER NOT NULL,
    granted_at INTEGER NOT NULL,
    PRIMARY KEY (flavor, registry, pattern)
) STRICT, WITHOUT ROWID;
CREATE TABLE runs (
    id           INTEGER PRIMARY KEY,
    flavor       TEXT NOT NULL,
    function     TEXT NOT NULL,
    outcome      TEXT NOT NULL,
    microseconds INTEGER NOT NULL,
    memory       INTEGER NOT NULL,
    requests     INTEGER NOT NULL,
    ran_at       INTEGER NOT NULL
) STRICT;
CREATE TABLE connectors (
    name          TEXT PRIMARY KEY,
    type          TEXT NOT NULL,
    method        TEXT NOT NULL,
    fields        BLOB NOT NULL,
    registered_at INTEGER NOT NULL
) STRICT;
ALTER TABLE registries ADD COLUMN connector TEXT REFERENCES connectors (name);
",
    // Cached credentials; the location of the key once it was rotated.
    "
CREATE TABLE credentials (
    name       BLOB PRIMARY KEY,
    sealed     BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE key (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    place    TEXT NOT NULL,
    name     TEXT NOT NULL
) STRICT;
",
    // Repositories from which a registry can mount blobs.
    "
CREATE TABLE blob_places (
    host       TEXT NOT NULL,
    digest     TEXT NOT NULL,
    repository TEXT NOT NULL,
    seen_at    INTEGER NOT NULL,
    PRIMARY KEY (host, digest, repository)
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_places_by_age ON blob_places (seen_at);
",
    // Configurations are sealed. Those in clear are overwritten, as `secure_delete` is on.
    "
DROP TABLE configs;
CREATE TABLE configs (
    digest TEXT PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT;
",
    // Whether the user typed a registry's URI or agreed to it, and whether plain HTTP may be spoken there. Repositories
    // from which blobs can be mounted, by account: it is not known whose the old ones are.
    "
ALTER TABLE registries ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 1;
ALTER TABLE registries ADD COLUMN insecure INTEGER NOT NULL DEFAULT 0;
DROP TABLE blob_places;
CREATE TABLE blob_locations (
    host       TEXT NOT NULL,
    connector  TEXT NOT NULL,
    username   TEXT NOT NULL,
    digest     TEXT NOT NULL,
    repository TEXT NOT NULL,
    seen_at    INTEGER NOT NULL,
    PRIMARY KEY (host, connector, username, digest, repository)
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_locations_by_age ON blob_locations (seen_at);
",
    // Operations: those that the user accepted, and those that a connector's secrets were stored for. Descriptions of
    // before have none, so that a component is asked again.
    "
ALTER TABLE flavors ADD COLUMN accepted_operations TEXT NOT NULL DEFAULT '[]';
ALTER TABLE connectors ADD COLUMN uses TEXT NOT NULL DEFAULT '';
UPDATE flavors SET description = NULL;
DELETE FROM credentials;
",
    // When credentials were given. What was written into the files of other clients, to be undone.
    "
ALTER TABLE credentials ADD COLUMN given_at INTEGER;
CREATE TABLE client_edits (
    file   TEXT NOT NULL,
    member TEXT NOT NULL,
    key    TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (file, member, key)
) STRICT, WITHOUT ROWID;
",
    // Policies, in the order in which they are asked.
    "
CREATE TABLE policies (
    position    INTEGER PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    digest      TEXT NOT NULL,
    is_stored   INTEGER NOT NULL,
    description TEXT NOT NULL,
    record      TEXT NOT NULL
) STRICT;
",
    // What a flavor took the place of, to come back. Keys that sign flavors of a registry or repository.
    "
CREATE TABLE previous_flavors (
    name                TEXT PRIMARY KEY,
    version             TEXT NOT NULL,
    contract            TEXT NOT NULL,
    summary             TEXT NOT NULL,
    digest              TEXT NOT NULL,
    size                INTEGER NOT NULL,
    origin              TEXT NOT NULL,
    description         TEXT,
    accepted_operations TEXT NOT NULL,
    grants              TEXT NOT NULL DEFAULT '[]',
    registered_at       INTEGER NOT NULL
) STRICT;
CREATE TABLE flavor_signers (
    place    TEXT NOT NULL,
    key_id   TEXT NOT NULL,
    key      TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (place, key_id)
) STRICT, WITHOUT ROWID;
",
    // Runs are files beside the database, which are written without waiting for the disk.
    "
DROP TABLE runs;
",
    // What a database that many machines share has besides: components, and its data key, once for each key that wraps
    // it; both tables stay empty on one machine. The number of changes.
    "
CREATE TABLE components (
    digest TEXT PRIMARY KEY,
    bytes  BLOB NOT NULL
) STRICT;
CREATE TABLE wrapped_keys (
    wrapping   TEXT PRIMARY KEY,
    kept_by    TEXT NOT NULL,
    wrapped    BLOB NOT NULL,
    verifier   TEXT NOT NULL,
    wrapped_at INTEGER NOT NULL
) STRICT;
CREATE TABLE revision (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    number   INTEGER NOT NULL
) STRICT;
",
    // The audit: rows are only added, each with a hash of itself and of the hash before it.
    "
CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    time     INTEGER NOT NULL,
    action   TEXT NOT NULL,
    registry TEXT,
    record   TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash     TEXT NOT NULL,
    CHECK (sequence > 0)
) STRICT;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'rows of the audit are never changed'); END;
CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'rows of the audit are never removed'); END;
",
];
