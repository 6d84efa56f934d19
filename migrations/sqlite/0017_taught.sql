-- Wordings that a workspace was taught. bodies, subjects: templates as JSON lists. asked: the first of two words; taught:
-- the second, since when it holds; reason: why one person alone taught it. uses, used_ms: the notices that were suppressed
-- by it. forgotten: who ended it.
CREATE TABLE wording (
    workspace      TEXT    NOT NULL,
    number         INTEGER NOT NULL CHECK (number > 0),
    notice         INTEGER NOT NULL,
    source         TEXT    NOT NULL,
    kind           TEXT    NOT NULL CHECK (kind IN ('release', 'expiry', 'other')),
    first_date     TEXT    CHECK (first_date IN ('release', 'expiry')),
    bodies         TEXT    NOT NULL,
    subjects       TEXT    NOT NULL,
    asked_ms       INTEGER NOT NULL,
    asked_id       TEXT    NOT NULL,
    asked_name     TEXT    NOT NULL,
    taught_ms      INTEGER,
    taught_id      TEXT,
    taught_name    TEXT,
    reason         TEXT,
    uses           INTEGER NOT NULL,
    used_ms        INTEGER,
    forgotten_ms   INTEGER,
    forgotten_id   TEXT,
    forgotten_name TEXT,
    PRIMARY KEY (workspace, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX wording_in_force ON wording (workspace, source, forgotten_ms, number);
CREATE INDEX wording_of_notice ON wording (workspace, notice, number);

-- Which notices were suppressed by one.
CREATE TABLE wording_use (
    workspace TEXT    NOT NULL,
    wording   INTEGER NOT NULL,
    notice    INTEGER NOT NULL,
    PRIMARY KEY (workspace, wording, notice),
    FOREIGN KEY (workspace, wording) REFERENCES wording (workspace, number)
) STRICT, WITHOUT ROWID;

-- What may be understood once a wording is taught.
CREATE INDEX notice_not_understood ON notice (workspace, standing, settled_ms, understood, number)
    WHERE standing = 'raised' AND settled_ms IS NULL;
