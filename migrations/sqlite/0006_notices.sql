-- What the vendor said, numbered within the workspace, and what became of it. ids, names, dates, instances and proof are
-- JSON. likeness: what a notice that says the same has too. next_ms: when time next has something to do with it; NULL
-- when facts change nothing of it any more. suppressed_ms: when it came, if it was
-- ever suppressed.
CREATE TABLE notice (
    workspace     TEXT    NOT NULL,
    number        INTEGER NOT NULL CHECK (number > 0),
    kind          TEXT    NOT NULL CHECK (kind IN ('release', 'expiry', 'other')),
    text          TEXT    NOT NULL,
    source        TEXT    NOT NULL,
    external_id   TEXT,
    likeness      TEXT    NOT NULL,
    ids           TEXT    NOT NULL,
    names         TEXT    NOT NULL,
    dates         TEXT    NOT NULL,
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

CREATE UNIQUE INDEX notice_by_external_id ON notice (workspace, source, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX notice_by_likeness ON notice (workspace, likeness, received_ms, number) WHERE standing <> 'duplicate';
CREATE INDEX notice_suppressed ON notice (workspace, suppressed_ms, number) WHERE suppressed_ms IS NOT NULL;
-- Of all workspaces.
CREATE INDEX notice_by_next ON notice (next_ms, workspace, number) WHERE next_ms IS NOT NULL;

-- The known instances that a notice names. open: facts may still change what is made of it.
CREATE TABLE notice_instance (
    workspace   TEXT    NOT NULL,
    instance_id TEXT    NOT NULL,
    number      INTEGER NOT NULL,
    open        INTEGER NOT NULL CHECK (open IN (0, 1)),
    PRIMARY KEY (workspace, instance_id, number),
    FOREIGN KEY (workspace, number) REFERENCES notice (workspace, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX notice_open ON notice_instance (workspace, instance_id, number) WHERE open = 1;
