-- What was decided, by whom and what it came to, numbered without gaps within the workspace. rules and events are JSON.
-- hash covers every other column and the hash of the row before; keyed says whether it was made with a key. It only grows.
CREATE TABLE audit (
    workspace     TEXT    NOT NULL,
    seq           INTEGER NOT NULL CHECK (seq > 0),
    at_ms         INTEGER NOT NULL,
    by_id         TEXT,
    by_name       TEXT,
    surface       TEXT    NOT NULL,
    message       TEXT,
    said          TEXT    NOT NULL,
    outcome       TEXT    NOT NULL,
    rules         TEXT    NOT NULL,
    instance_id   TEXT,
    change_number INTEGER,
    events        TEXT    NOT NULL,
    detail        TEXT,
    keyed         INTEGER NOT NULL CHECK (keyed IN (0, 1)),
    hash          TEXT    NOT NULL,
    PRIMARY KEY (workspace, seq)
) STRICT, WITHOUT ROWID;

-- Each ends in the order of the list.
CREATE INDEX audit_by_time ON audit (workspace, at_ms, seq);
CREATE INDEX audit_by_instance ON audit (workspace, instance_id, at_ms, seq) WHERE instance_id IS NOT NULL;
CREATE INDEX audit_by_change ON audit (workspace, change_number, at_ms, seq) WHERE change_number IS NOT NULL;
CREATE INDEX audit_by_person ON audit (workspace, by_id, at_ms, seq) WHERE by_id IS NOT NULL;
CREATE INDEX audit_by_name ON audit (workspace, by_name, at_ms, seq) WHERE by_name IS NOT NULL;

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END;
-- REPLACE deletes without asking the trigger above.
CREATE TRIGGER audit_is_never_replaced BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE workspace = NEW.workspace AND seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END;
