-- The files that were taken. counts is JSON; held is JSON: the instances that a complete listing lacked and that nobody has
-- accepted as missing.
CREATE TABLE import (
    workspace    TEXT    NOT NULL,
    number       INTEGER NOT NULL CHECK (number > 0),
    label        TEXT    NOT NULL,
    facts_ms     INTEGER NOT NULL,
    taken_ms     INTEGER NOT NULL,
    by_id        TEXT    NOT NULL,
    by_name      TEXT    NOT NULL,
    region       TEXT,
    counts       TEXT    NOT NULL,
    held         TEXT,
    undone_ms    INTEGER,
    undone_id    TEXT,
    undone_name  TEXT,
    PRIMARY KEY (workspace, number)
) STRICT, WITHOUT ROWID;

-- What a file changed of an instance, as JSON before and after, for as long as it can be undone.
CREATE TABLE import_change (
    workspace   TEXT    NOT NULL,
    number      INTEGER NOT NULL,
    instance_id TEXT    NOT NULL,
    before      TEXT,
    after       TEXT    NOT NULL,
    PRIMARY KEY (workspace, number, instance_id),
    FOREIGN KEY (workspace, number) REFERENCES import (workspace, number)
) STRICT, WITHOUT ROWID;

-- Of which facts a file said again what is held: JSON, by fact, with who gave the file and when it was true. Instances share
-- a row, so that a file that says nothing new costs one number an instance.
CREATE TABLE import_seen (
    workspace TEXT    NOT NULL,
    number    INTEGER NOT NULL CHECK (number > 0),
    import    INTEGER NOT NULL,
    before    TEXT    NOT NULL,
    facts     TEXT    NOT NULL,
    PRIMARY KEY (workspace, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_seen_of ON import_seen (workspace, import);

ALTER TABLE instance ADD COLUMN seen_import INTEGER;
