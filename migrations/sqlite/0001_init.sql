-- Every table has the workspace first in its primary key, and instants are milliseconds since 1970 in UTC.

-- One row a workspace: its counters, so that nothing ever counts rows.
CREATE TABLE workspace (
    workspace    TEXT    NOT NULL,
    next_change  INTEGER NOT NULL,
    tracked      INTEGER NOT NULL,
    open_changes INTEGER NOT NULL,
    events       INTEGER NOT NULL,
    PRIMARY KEY (workspace)
) STRICT, WITHOUT ROWID;

-- What an instance is called and whether it is followed. The last four columns repeat facts, for look-ups and filters only.
CREATE TABLE instance (
    workspace     TEXT NOT NULL,
    id            TEXT NOT NULL,
    name          TEXT NOT NULL,
    region        TEXT NOT NULL,
    team          TEXT,
    channel       TEXT,
    described_at_ms INTEGER,
    tracking      TEXT NOT NULL CHECK (tracking IN ('tracked', 'lost', 'removed')),
    ended_at_ms   INTEGER,
    ended_by_id   TEXT,
    ended_by_name TEXT,
    ended_reason  TEXT,
    at_expiry     TEXT CHECK (at_expiry IN ('converts', 'at-risk')),
    edition       TEXT,
    expires_at_ms INTEGER,
    action        TEXT,
    commodity_id  TEXT,
    PRIMARY KEY (workspace, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX instance_tracked_name ON instance (workspace, region, name) WHERE tracking = 'tracked';
-- Descending, so that tracked ones come before lost ones.
CREATE INDEX instance_by_name ON instance (workspace, tracking DESC, name, region);
CREATE INDEX instance_by_commodity ON instance (workspace, commodity_id);
CREATE INDEX instance_by_edition ON instance (workspace, tracking, edition, name, region);
CREATE INDEX instance_by_expiry ON instance (workspace, tracking, expires_at_ms);
CREATE INDEX instance_by_action ON instance (workspace, tracking, action, name, region);
CREATE INDEX instance_by_team ON instance (workspace, tracking, team, name, region);

-- What is known of an instance: unknown since when and why, or a value with its provenance, or two that disagree.
CREATE TABLE fact (
    workspace     TEXT NOT NULL,
    instance_id   TEXT NOT NULL,
    kind          TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('unknown', 'known', 'contradictory')),
    gap           TEXT,
    since_ms      INTEGER,
    value         TEXT,
    source        TEXT,
    by_id         TEXT,
    by_name       TEXT,
    at_ms         INTEGER,
    other_value   TEXT,
    other_source  TEXT,
    other_by_id   TEXT,
    other_by_name TEXT,
    other_at_ms   INTEGER,
    PRIMARY KEY (workspace, instance_id, kind),
    FOREIGN KEY (workspace, instance_id) REFERENCES instance (workspace, id)
) STRICT, WITHOUT ROWID;

-- An edition change. decided_on is JSON: edition, action, expiry and auto-renewal at that moment.
CREATE TABLE change (
    workspace      TEXT    NOT NULL,
    number         INTEGER NOT NULL CHECK (number > 0),
    instance_id    TEXT    NOT NULL,
    kind           TEXT    NOT NULL CHECK (kind IN ('upgrade', 'downgrade')),
    route          TEXT,
    status         TEXT    NOT NULL CHECK (status IN ('open', 'done', 'failed', 'cancelled')),
    failure        TEXT    CHECK (failure IN ('said', 'lost', 'presumed-deleted')),
    reason         TEXT,
    opened_by_id   TEXT    NOT NULL,
    opened_by_name TEXT    NOT NULL,
    opened_at_ms   INTEGER NOT NULL,
    ended_at_ms    INTEGER,
    unsettled      TEXT,
    in_doubt       INTEGER CHECK (in_doubt IN (0, 1)),
    ack_max_tps    INTEGER,
    ack_by_id      TEXT,
    ack_by_name    TEXT,
    ack_at_ms      INTEGER,
    decided_on     TEXT    NOT NULL,
    PRIMARY KEY (workspace, number),
    FOREIGN KEY (workspace, instance_id) REFERENCES instance (workspace, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX change_open_of_instance ON change (workspace, instance_id) WHERE status = 'open';
CREATE INDEX change_by_status ON change (workspace, status, number);

-- The steps that were recorded, in their order.
CREATE TABLE change_step (
    workspace     TEXT    NOT NULL,
    change_number INTEGER NOT NULL,
    position      INTEGER NOT NULL,
    step          TEXT    NOT NULL,
    how           TEXT    NOT NULL CHECK (how IN ('confirmed', 'shown', 'outside', 'elapsed')),
    reason        TEXT,
    by_id         TEXT,
    by_name       TEXT,
    at_ms         INTEGER NOT NULL,
    evidence      TEXT,
    PRIMARY KEY (workspace, change_number, position),
    FOREIGN KEY (workspace, change_number) REFERENCES change (workspace, number)
) STRICT, WITHOUT ROWID;

-- The latest permit of a change.
CREATE TABLE permit (
    workspace     TEXT    NOT NULL,
    change_number INTEGER NOT NULL,
    serial        INTEGER NOT NULL,
    step          TEXT    NOT NULL,
    holder_id     TEXT    NOT NULL,
    holder_name   TEXT    NOT NULL,
    shown_at_ms   INTEGER NOT NULL,
    state         TEXT    NOT NULL CHECK (state IN ('out', 'lapsed', 'withdrawn', 'used')),
    PRIMARY KEY (workspace, change_number),
    FOREIGN KEY (workspace, change_number) REFERENCES change (workspace, number)
) STRICT, WITHOUT ROWID;

-- What happened, numbered within the workspace. data is JSON. It only grows.
CREATE TABLE event (
    workspace     TEXT    NOT NULL,
    seq           INTEGER NOT NULL,
    instance_id   TEXT    NOT NULL,
    change_number INTEGER,
    at_ms         INTEGER NOT NULL,
    by_id         TEXT,
    by_name       TEXT,
    kind          TEXT    NOT NULL,
    data          TEXT    NOT NULL,
    PRIMARY KEY (workspace, seq),
    FOREIGN KEY (workspace, instance_id) REFERENCES instance (workspace, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX event_by_instance ON event (workspace, instance_id, seq);
CREATE INDEX event_by_change ON event (workspace, change_number, seq);

CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'the history only grows'); END;
CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'the history only grows'); END;
