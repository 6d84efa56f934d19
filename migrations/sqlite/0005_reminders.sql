-- What people are reminded of before and after an expiry.

-- What became of a level of an expiry, or of an upgrade (of_ms): a row, once and for all. posted: key says in which message.
CREATE TABLE reminder (
    workspace   TEXT    NOT NULL,
    instance_id TEXT    NOT NULL,
    of_ms       INTEGER NOT NULL,
    level       TEXT    NOT NULL,
    due_ms      INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('posted', 'skipped')),
    reason      TEXT,
    at_ms       INTEGER NOT NULL,
    key         TEXT,
    PRIMARY KEY (workspace, instance_id, of_ms, level),
    FOREIGN KEY (workspace, instance_id) REFERENCES instance (workspace, id)
) STRICT, WITHOUT ROWID;

-- When an instance is to be looked at next, one row each; 0: at once, because something about it was written.
CREATE TABLE nudge (
    workspace   TEXT    NOT NULL,
    instance_id TEXT    NOT NULL,
    at_ms       INTEGER NOT NULL,
    PRIMARY KEY (workspace, instance_id),
    FOREIGN KEY (workspace, instance_id) REFERENCES instance (workspace, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX nudge_by_time ON nudge (at_ms, workspace, instance_id);
CREATE INDEX nudge_of_workspace ON nudge (workspace, at_ms, instance_id);

-- That somebody knows of an expiry, and that its last reminder shall come again.
CREATE TABLE attention (
    workspace         TEXT    NOT NULL,
    instance_id       TEXT    NOT NULL,
    of_ms             INTEGER NOT NULL,
    acked_by_id       TEXT,
    acked_by_name     TEXT,
    acked_at_ms       INTEGER,
    snoozed_by_id     TEXT,
    snoozed_by_name   TEXT,
    snoozed_until_ms  INTEGER,
    snoozed_level     TEXT,
    PRIMARY KEY (workspace, instance_id),
    FOREIGN KEY (workspace, instance_id) REFERENCES instance (workspace, id)
) STRICT, WITHOUT ROWID;

-- What a workspace does at a moment, whatever its instances are.
CREATE TABLE calendar (
    workspace TEXT    NOT NULL,
    what      TEXT    NOT NULL CHECK (what IN ('digest')),
    at_ms     INTEGER NOT NULL,
    PRIMARY KEY (workspace, what)
) STRICT, WITHOUT ROWID;

CREATE INDEX calendar_by_time ON calendar (at_ms, workspace, what);

-- When facts were last taken from a file.
ALTER TABLE workspace ADD COLUMN imported_at_ms INTEGER;

-- What the digest lists: whose action nobody knows, of those that have one.
CREATE INDEX instance_in_the_dark ON instance (workspace, expires_at_ms, id)
    WHERE tracking = 'tracked' AND action IS NULL AND COALESCE(edition, 'platinum') = 'platinum';

-- Instances that are there already are looked at at once.
INSERT INTO nudge (workspace, instance_id, at_ms) SELECT workspace, id, 0 FROM instance WHERE tracking = 'tracked';
