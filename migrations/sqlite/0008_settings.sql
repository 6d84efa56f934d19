-- What a workspace has set for itself: a row a setting. key is what follows `settings` when it is typed; what is not here is
-- as the configuration has it. value is a word, a number or JSON.
CREATE TABLE setting (
    workspace   TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    value       TEXT    NOT NULL,
    set_by_id   TEXT    NOT NULL,
    set_by_name TEXT    NOT NULL,
    set_at_ms   INTEGER NOT NULL,
    PRIMARY KEY (workspace, key)
) STRICT, WITHOUT ROWID;

-- The bot is not there any more: nothing is due until it is back. As long as it is 1, the moments of the workspace's rows in
-- wake, nudge, calendar and lane lie 2^60 ms earlier than they are, out of reach of what looks for something due.
ALTER TABLE workspace ADD COLUMN paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1));
