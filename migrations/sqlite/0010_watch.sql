-- How far the messages of a watched channel were looked at: up to last_message, as the chat names it, else from since_ms on.
-- There is a row as long as the channel is watched.
CREATE TABLE watch (
    workspace    TEXT    NOT NULL,
    channel      TEXT    NOT NULL,
    since_ms     INTEGER NOT NULL,
    last_message TEXT,
    PRIMARY KEY (workspace, channel)
) STRICT, WITHOUT ROWID;

INSERT INTO watch (workspace, channel, since_ms)
SELECT workspace, substr(key, 7), set_at_ms FROM setting WHERE key LIKE 'watch %' AND value <> '[]';
