-- A workspace of a database that was restored from a copy: a row for the latest time. state_ms: until when it knows what
-- happened. last_outbox, last_notice: what comes after these numbers was written since. instance, notice: how far what the
-- copy knew was distrusted; NULL: all of it was. voided, raised: of how much so far.
CREATE TABLE restoration (
    workspace   TEXT    NOT NULL,
    state_ms    INTEGER NOT NULL,
    restored_ms INTEGER NOT NULL,
    last_outbox INTEGER NOT NULL,
    last_notice INTEGER NOT NULL,
    instance    TEXT    DEFAULT '',
    notice      INTEGER DEFAULT 0,
    voided      INTEGER NOT NULL DEFAULT 0,
    raised      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace)
) STRICT, WITHOUT ROWID;
