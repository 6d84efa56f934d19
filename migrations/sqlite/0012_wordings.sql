-- Notices are understood by their whole wording, and a notice may be of the kind `gone`. understood: what a notice was
-- understood to say, as JSON; NULL where it was not. message: its units as JSON, where they are short enough to be kept
-- whole, so that it can be judged once more when its wording is taught. A CHECK cannot be altered: both tables are made
-- again, the one that refers first.
CREATE TABLE notice_of_now (
    workspace     TEXT    NOT NULL,
    number        INTEGER NOT NULL CHECK (number > 0),
    kind          TEXT    NOT NULL CHECK (kind IN ('release', 'expiry', 'gone', 'other')),
    text          TEXT    NOT NULL,
    message       TEXT,
    source        TEXT    NOT NULL,
    external_id   TEXT,
    likeness      TEXT    NOT NULL,
    ids           TEXT    NOT NULL,
    names         TEXT    NOT NULL,
    dates         TEXT    NOT NULL,
    understood    TEXT,
    instances     TEXT    NOT NULL,
    received_ms   INTEGER NOT NULL,
    by_id         TEXT    NOT NULL,
    by_name       TEXT    NOT NULL,
    first         TEXT    NOT NULL CHECK (first IN ('suppressed', 'raised', 'duplicate')),
    standing      TEXT    NOT NULL CHECK (standing IN ('suppressed', 'raised', 'duplicate')),
    original      INTEGER,
    verdict       TEXT    NOT NULL,
    because       TEXT,
    proof         TEXT,
    duplicates    INTEGER NOT NULL,
    told          INTEGER NOT NULL,
    suppressed_ms INTEGER,
    raised_ms     INTEGER,
    settled_ms    INTEGER,
    settled_how   TEXT,
    settled_id    TEXT,
    settled_name  TEXT,
    next_ms       INTEGER,
    PRIMARY KEY (workspace, number)
) STRICT, WITHOUT ROWID;

INSERT INTO notice_of_now (
    workspace, number, kind, text, source, external_id, likeness, ids, names, dates, instances, received_ms, by_id, by_name,
    first, standing, original, verdict, because, proof, duplicates, told, suppressed_ms, raised_ms, settled_ms, settled_how,
    settled_id, settled_name, next_ms
) SELECT
    workspace, number, kind, text, source, external_id, likeness, ids, names, dates, instances, received_ms, by_id, by_name,
    first, standing, original, verdict, because, proof, duplicates, told, suppressed_ms, raised_ms, settled_ms, settled_how,
    settled_id, settled_name, next_ms
FROM notice;

CREATE TABLE notice_instance_of_now (
    workspace   TEXT    NOT NULL,
    instance_id TEXT    NOT NULL,
    number      INTEGER NOT NULL,
    open        INTEGER NOT NULL CHECK (open IN (0, 1)),
    PRIMARY KEY (workspace, instance_id, number),
    FOREIGN KEY (workspace, number) REFERENCES notice_of_now (workspace, number)
) STRICT, WITHOUT ROWID;

INSERT INTO notice_instance_of_now (workspace, instance_id, number, open)
SELECT workspace, instance_id, number, open FROM notice_instance;

DROP TABLE notice_instance;
DROP TABLE notice;
ALTER TABLE notice_of_now RENAME TO notice;
ALTER TABLE notice_instance_of_now RENAME TO notice_instance;

CREATE UNIQUE INDEX notice_by_external_id ON notice (workspace, source, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX notice_by_likeness ON notice (workspace, likeness, received_ms, number) WHERE standing <> 'duplicate';
CREATE INDEX notice_suppressed ON notice (workspace, suppressed_ms, number) WHERE suppressed_ms IS NOT NULL;
-- Of all workspaces.
CREATE INDEX notice_by_next ON notice (next_ms, workspace, number) WHERE next_ms IS NOT NULL;
CREATE INDEX notice_open ON notice_instance (workspace, instance_id, number) WHERE open = 1;
