-- The one message of a change that is kept current. wanted: the key of the post that says the latest of it; message: what
-- the chat calls the message, once it can be seen.
CREATE TABLE card (
    workspace     TEXT    NOT NULL,
    change_number INTEGER NOT NULL,
    channel       TEXT    NOT NULL,
    wanted        TEXT    NOT NULL,
    message       TEXT,
    PRIMARY KEY (workspace, change_number)
) STRICT, WITHOUT ROWID;
