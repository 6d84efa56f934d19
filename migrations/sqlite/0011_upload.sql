-- Files that were brought to a chat and tried, so that they can be applied by a button: the latest few of each workspace.
-- `id` is that of the command that brought the file; it grows. `line` is that command as it was said.
CREATE TABLE upload (
    workspace   TEXT    NOT NULL,
    id          INTEGER NOT NULL,
    line        TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    modified_ms INTEGER,
    bytes       BLOB    NOT NULL,
    PRIMARY KEY (workspace, id)
) STRICT;
