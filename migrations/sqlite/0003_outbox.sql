-- What is to be said, and what was. A row is written in the transaction of the decision that wants it said.
-- instances and mentions are JSON; payload is JSON that only whoever composes the message reads.
-- moved_from and moved_why: it could not be posted there, so it is posted here.
CREATE TABLE outbox (
    workspace     TEXT    NOT NULL,
    id            INTEGER NOT NULL,
    kind          TEXT    NOT NULL,
    channel       TEXT    NOT NULL,
    key           TEXT    NOT NULL,
    due_ms        INTEGER NOT NULL,
    change_number INTEGER,
    instances     TEXT    NOT NULL,
    mentions      TEXT    NOT NULL,
    payload       TEXT    NOT NULL,
    moved_from    TEXT,
    moved_why     TEXT,
    state         TEXT    NOT NULL CHECK (state IN ('due', 'sending', 'sent', 'skipped', 'failed', 'moved')),
    attempts      INTEGER NOT NULL,
    last_error    TEXT,
    done_ms       INTEGER,
    message       TEXT,
    PRIMARY KEY (workspace, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX outbox_by_key ON outbox (workspace, key);
-- The order of a channel; what is done with is not in it.
CREATE INDEX outbox_waiting ON outbox (workspace, channel, due_ms, id) WHERE state IN ('due', 'sending');

-- One row a channel, so that nothing ever looks through the messages: which one is next, and when it may be tried.
-- next_ms is the later of when the head is due and retry_at_ms; NULL when nothing waits.
-- told: the admins know that this channel cannot be posted to.
CREATE TABLE lane (
    workspace   TEXT    NOT NULL,
    channel     TEXT    NOT NULL,
    head        INTEGER,
    next_ms     INTEGER,
    retry_at_ms INTEGER NOT NULL,
    told        INTEGER NOT NULL CHECK (told IN (0, 1)),
    PRIMARY KEY (workspace, channel)
) STRICT, WITHOUT ROWID;

CREATE INDEX lane_by_next ON lane (next_ms, head) WHERE next_ms IS NOT NULL;

-- Who does what only one process may do, until when, and when they last said so. before_ms: when whoever held it
-- before was last seen.
CREATE TABLE lease (
    name      TEXT    NOT NULL,
    holder    TEXT    NOT NULL,
    until_ms  INTEGER NOT NULL,
    seen_ms   INTEGER NOT NULL,
    before_ms INTEGER,
    PRIMARY KEY (name)
) STRICT, WITHOUT ROWID;
