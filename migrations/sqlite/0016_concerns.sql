-- What is open, and when time next has something to do with anything.

-- Due moments, a row each: `instance`, an instance is to be looked at (0: at once, because something about it was written);
-- `digest`, the digest of a week; `workspace`, what is open for the workspace as a whole. While a workspace is paused its
-- rows lie 2^60 ms earlier.
CREATE TABLE schedule (
    workspace TEXT    NOT NULL,
    kind      TEXT    NOT NULL CHECK (kind IN ('instance', 'digest', 'workspace', 'notice')),
    subject   TEXT    NOT NULL,
    due_ms    INTEGER NOT NULL,
    PRIMARY KEY (workspace, kind, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX schedule_by_time ON schedule (kind, due_ms, workspace, subject);
CREATE INDEX schedule_of_workspace ON schedule (workspace, kind, due_ms, subject);

INSERT INTO schedule (workspace, kind, subject, due_ms) SELECT workspace, 'instance', instance_id, at_ms FROM nudge;
INSERT INTO schedule (workspace, kind, subject, due_ms) SELECT workspace, what, '', at_ms FROM calendar;
DROP TABLE nudge;
DROP TABLE calendar;

-- What is open of an instance, and since when. weight: noted is in the digest only. by_ms: by when it must be settled.
CREATE TABLE concern (
    workspace   TEXT    NOT NULL,
    instance_id TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    weight      TEXT    NOT NULL CHECK (weight IN ('noted', 'open')),
    since_ms    INTEGER NOT NULL,
    by_ms       INTEGER,
    PRIMARY KEY (workspace, instance_id, kind),
    FOREIGN KEY (workspace, instance_id) REFERENCES instance (workspace, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX concern_by_weight ON concern (workspace, weight, by_ms, instance_id);

-- When people were last told something about an instance.
CREATE TABLE told (
    workspace   TEXT    NOT NULL,
    instance_id TEXT    NOT NULL,
    at_ms       INTEGER NOT NULL,
    PRIMARY KEY (workspace, instance_id),
    FOREIGN KEY (workspace, instance_id) REFERENCES instance (workspace, id)
) STRICT, WITHOUT ROWID;

-- How things stood when somebody said that they know: when they are worse, people are called again.
ALTER TABLE attention ADD COLUMN acked_risk TEXT;
ALTER TABLE attention ADD COLUMN acked_renews INTEGER;

-- What is open of the instances that are there is found by looking at each once.
INSERT INTO schedule (workspace, kind, subject, due_ms)
SELECT instance.workspace, 'instance', instance.id,
       0 - 1152921504606846976 * COALESCE((SELECT paused FROM workspace WHERE workspace.workspace = instance.workspace), 0)
FROM instance WHERE tracking = 'tracked'
ON CONFLICT (workspace, kind, subject) DO UPDATE SET due_ms = excluded.due_ms;
