-- What is to be done, worst first: of everybody, of a team, of those who can settle it.

-- rank: how bad it is, 0 is the worst. presses_ms: orders what is as bad. team: the instance's. owner: under which word it is
-- found by those who can settle it.
ALTER TABLE concern ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
ALTER TABLE concern ADD COLUMN presses_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE concern ADD COLUMN team TEXT;
ALTER TABLE concern ADD COLUMN owner TEXT NOT NULL DEFAULT 'nobody';

DROP INDEX concern_by_weight;
CREATE INDEX concern_by_rank ON concern (workspace, rank, presses_ms, instance_id, kind);
CREATE INDEX concern_by_team ON concern (workspace, team, rank, presses_ms, instance_id, kind);
CREATE INDEX concern_by_owner ON concern (workspace, owner, team, rank, presses_ms, instance_id, kind);

-- What was settled, for the next digest; what an earlier one has told is deleted.
CREATE TABLE settled (
    workspace   TEXT    NOT NULL,
    at_ms       INTEGER NOT NULL,
    instance_id TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    PRIMARY KEY (workspace, at_ms, instance_id, kind)
) STRICT, WITHOUT ROWID;

-- When the last digest was posted.
ALTER TABLE workspace ADD COLUMN digest_at_ms INTEGER;

-- Raised notices that nobody has settled; of these, those that name nothing that is known.
CREATE INDEX notice_raised ON notice (workspace, standing, settled_ms, number)
    WHERE standing = 'raised' AND settled_ms IS NULL;
CREATE INDEX notice_unnamed ON notice (workspace, standing, settled_ms, instances, number)
    WHERE standing = 'raised' AND settled_ms IS NULL;

-- What is there already is completed by looking at each instance once.
INSERT INTO schedule (workspace, kind, subject, due_ms)
SELECT instance.workspace, 'instance', instance.id,
       0 - 1152921504606846976 * COALESCE((SELECT paused FROM workspace WHERE workspace.workspace = instance.workspace), 0)
FROM instance WHERE tracking = 'tracked'
ON CONFLICT (workspace, kind, subject) DO UPDATE SET due_ms = excluded.due_ms;
