-- What a small bot would keep: instances, who may do what, a trail, and what is to be posted.
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE instance (
    guild TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, region TEXT NOT NULL, edition TEXT, expires_ms INTEGER,
    action TEXT, action_by TEXT, action_ms INTEGER, max_tps INTEGER, max_tps_by TEXT, max_tps_ms INTEGER,
    PRIMARY KEY (guild, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX instance_name ON instance (guild, name);
CREATE TABLE grants (guild TEXT NOT NULL, role TEXT NOT NULL, means TEXT NOT NULL, PRIMARY KEY (guild, role)) STRICT;
CREATE TABLE trail (
    number INTEGER PRIMARY KEY, guild TEXT NOT NULL, at_ms INTEGER NOT NULL, person TEXT NOT NULL, line TEXT NOT NULL,
    outcome TEXT NOT NULL, rules TEXT NOT NULL, instance TEXT NOT NULL
) STRICT;
CREATE INDEX trail_instance ON trail (guild, instance, at_ms);
CREATE TABLE outbox (
    number INTEGER PRIMARY KEY, guild TEXT NOT NULL, channel TEXT NOT NULL, key TEXT NOT NULL, due_ms INTEGER NOT NULL,
    payload TEXT NOT NULL, state TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX outbox_key ON outbox (guild, key);
