-- Who may say what of a step before it is taken.

-- An approver's no is kept apart from a cancellation; the last five say that an admin replaced missing approvals.
ALTER TABLE change ADD COLUMN rejected INTEGER NOT NULL DEFAULT 0 CHECK (rejected IN (0, 1));
ALTER TABLE change ADD COLUMN glass_request INTEGER;
ALTER TABLE change ADD COLUMN glass_by_id TEXT;
ALTER TABLE change ADD COLUMN glass_by_name TEXT;
ALTER TABLE change ADD COLUMN glass_at_ms INTEGER;
ALTER TABLE change ADD COLUMN glass_reason TEXT;
ALTER TABLE change ADD COLUMN glass_ticket TEXT;

-- The policy that was last in force, as JSON, so that a change of it can be announced.
ALTER TABLE workspace ADD COLUMN policy TEXT;

-- The latest request for approvals of a change. fingerprint is JSON: the facts it was asked on.
CREATE TABLE request (
    workspace     TEXT    NOT NULL,
    change_number INTEGER NOT NULL,
    serial        INTEGER NOT NULL,
    step          TEXT    NOT NULL,
    asked_at_ms   INTEGER NOT NULL,
    needed        INTEGER NOT NULL,
    attesters     INTEGER NOT NULL,
    fingerprint   TEXT    NOT NULL,
    state         TEXT    NOT NULL CHECK (state IN ('open', 'lapsed', 'void', 'used', 'missed')),
    told          TEXT    NOT NULL CHECK (told IN ('asked', 'reminded', 'escalated')),
    PRIMARY KEY (workspace, change_number),
    FOREIGN KEY (workspace, change_number) REFERENCES change (workspace, number)
) STRICT, WITHOUT ROWID;

-- The approvals of that request that hold or were used, in their order.
CREATE TABLE approval (
    workspace     TEXT    NOT NULL,
    change_number INTEGER NOT NULL,
    position      INTEGER NOT NULL,
    by_id         TEXT    NOT NULL,
    by_name       TEXT    NOT NULL,
    at_ms         INTEGER NOT NULL,
    team          TEXT,
    PRIMARY KEY (workspace, change_number, position),
    FOREIGN KEY (workspace, change_number) REFERENCES change (workspace, number)
) STRICT, WITHOUT ROWID;

-- Who attested the action's present value since it last could have changed, in the order they were recorded.
CREATE TABLE look (
    workspace   TEXT    NOT NULL,
    instance_id TEXT    NOT NULL,
    position    INTEGER NOT NULL,
    by_id       TEXT    NOT NULL,
    by_name     TEXT    NOT NULL,
    at_ms       INTEGER NOT NULL,
    PRIMARY KEY (workspace, instance_id, position),
    FOREIGN KEY (workspace, instance_id) REFERENCES instance (workspace, id)
) STRICT, WITHOUT ROWID;

INSERT INTO look (workspace, instance_id, position, by_id, by_name, at_ms)
SELECT workspace, instance_id, 1, by_id, by_name, at_ms FROM fact
WHERE kind = 'action' AND state = 'known' AND source = 'attested';

-- When time alone next changes an open change; one row each, of all workspaces.
CREATE TABLE wake (
    workspace     TEXT    NOT NULL,
    change_number INTEGER NOT NULL,
    at_ms         INTEGER NOT NULL,
    PRIMARY KEY (workspace, change_number),
    FOREIGN KEY (workspace, change_number) REFERENCES change (workspace, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX wake_by_time ON wake (at_ms, workspace, change_number);

-- Changes that are open already are looked at at once.
INSERT INTO wake (workspace, change_number, at_ms)
SELECT workspace, number, opened_at_ms FROM change WHERE status = 'open';
