-- What people asked for in a chat, by the id that the chat gave it: noted with what was decided on it, so that of two
-- processes that hear of it one decides.
CREATE TABLE heard (
    workspace TEXT    NOT NULL,
    id        TEXT    NOT NULL,
    at_ms     INTEGER NOT NULL,
    PRIMARY KEY (workspace, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX heard_by_age ON heard (workspace, at_ms);
