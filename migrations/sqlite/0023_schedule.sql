-- One schedule: whatever time has something to do with is a row of it, and a workspace knows its earliest. A paused one is
-- left out by its own row, whatever is written meanwhile; nothing is moved out of reach any more.

-- Moments that lie 2^60 ms early as long as their workspace is paused come back to where they are.
UPDATE wake SET at_ms = at_ms + 1152921504606846976 WHERE at_ms < 0;
UPDATE lane SET next_ms = next_ms + 1152921504606846976 WHERE next_ms < 0;

-- Due moments, a row each: `change`, time moves a change (subject: its number); `notice`, a notice is looked at again (its
-- number); `digest`, the digest of a week (nothing); `workspace`, what is open for it as a whole (nothing); `instance`, an instance is to be looked at (its id; 0: at once, because
-- something about it was written). Kinds are the program's matter.
CREATE TABLE schedule_of_now (
    workspace TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    subject   TEXT    NOT NULL,
    due_ms    INTEGER NOT NULL,
    PRIMARY KEY (workspace, kind, subject)
) STRICT, WITHOUT ROWID;

INSERT INTO schedule_of_now (workspace, kind, subject, due_ms)
SELECT workspace, kind, subject, CASE WHEN due_ms < 0 THEN due_ms + 1152921504606846976 ELSE due_ms END FROM schedule
UNION ALL SELECT workspace, 'change', CAST(change_number AS TEXT), at_ms FROM wake
UNION ALL SELECT workspace, 'notice', CAST(number AS TEXT), next_ms FROM notice WHERE next_ms IS NOT NULL;

DROP TABLE wake;
DROP TABLE schedule;
ALTER TABLE schedule_of_now RENAME TO schedule;
DROP INDEX notice_by_next;
ALTER TABLE notice DROP COLUMN next_ms;

CREATE INDEX schedule_by_time ON schedule (workspace, due_ms, kind, subject);
CREATE INDEX schedule_by_kind ON schedule (workspace, kind, due_ms, subject);

DROP INDEX lane_by_next;
CREATE INDEX lane_by_next ON lane (workspace, next_ms, head, channel) WHERE next_ms IS NOT NULL;

-- The earliest moment of the workspace's rows in schedule, and of its rows in lane. Both are derived.
ALTER TABLE workspace ADD COLUMN due_ms INTEGER;
ALTER TABLE workspace ADD COLUMN send_ms INTEGER;

INSERT INTO workspace (workspace, next_change, tracked, open_changes, events)
SELECT workspace, 1, 0, 0, 0 FROM schedule WHERE true UNION SELECT workspace, 1, 0, 0, 0 FROM lane WHERE true
ON CONFLICT (workspace) DO NOTHING;
UPDATE workspace SET
    due_ms = (SELECT MIN(due_ms) FROM schedule WHERE schedule.workspace = workspace.workspace),
    send_ms = (SELECT MIN(next_ms) FROM lane WHERE lane.workspace = workspace.workspace);

CREATE INDEX workspace_by_due ON workspace (due_ms, workspace) WHERE paused = 0 AND due_ms IS NOT NULL;
CREATE INDEX workspace_by_send ON workspace (send_ms, workspace) WHERE paused = 0 AND send_ms IS NOT NULL;
