-- What is open for a workspace as a whole.

-- What was seen that nothing else says. what: `role`, a role of the chat (members: how many have it, NULL where that is not
-- known, -1 where it is gone); `row`, rows that could not be read.
CREATE TABLE observed (
    workspace TEXT    NOT NULL,
    what      TEXT    NOT NULL CHECK (what IN ('role', 'row')),
    subject   TEXT    NOT NULL,
    members   INTEGER,
    at_ms     INTEGER NOT NULL,
    PRIMARY KEY (workspace, what, subject)
) STRICT, WITHOUT ROWID;

-- Since when something is open, and how many rungs of its ladder were told.
CREATE TABLE workspace_concern (
    workspace TEXT    NOT NULL,
    key       TEXT    NOT NULL,
    since_ms  INTEGER NOT NULL,
    told      INTEGER NOT NULL,
    PRIMARY KEY (workspace, key)
) STRICT, WITHOUT ROWID;

-- What is open where files were taken is found by looking once.
INSERT INTO schedule (workspace, kind, subject, due_ms)
SELECT workspace, 'workspace', '', 0 - 1152921504606846976 * paused FROM workspace WHERE imported_at_ms IS NOT NULL
ON CONFLICT (workspace, kind, subject) DO UPDATE SET due_ms = excluded.due_ms;
