-- Every decision, allowed or not, numbered within the workspace and chained: hash covers the row and its predecessor's
-- hash. It only grows. rules and events are JSON.
CREATE TABLE audit (
    workspace     TEXT    NOT NULL,
    seq           INTEGER NOT NULL,
    at_ms         INTEGER NOT NULL,
    by_id         TEXT    NOT NULL,
    by_name       TEXT    NOT NULL,
    surface       TEXT    NOT NULL,
    said          TEXT    NOT NULL,
    outcome       TEXT    NOT NULL,
    rules         TEXT    NOT NULL,
    instance_id   TEXT,
    change_number INTEGER,
    events        TEXT    NOT NULL,
    keyed         INTEGER NOT NULL CHECK (keyed IN (0, 1)),
    hash          TEXT    NOT NULL,
    PRIMARY KEY (workspace, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_by_instance ON audit (workspace, instance_id, seq);
CREATE INDEX audit_by_change ON audit (workspace, change_number, seq);

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END;
