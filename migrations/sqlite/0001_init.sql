-- Every table has the workspace first in its primary key, and instants are milliseconds since 1970 in UTC.

-- One row a workspace: its counters, so that nothing ever counts rows; when its last file was taken and its last digest posted;
-- whether it is paused; the policy that was last in force, as JSON.
CREATE TABLE workspace (
    workspace      TEXT    NOT NULL,
    next_change    INTEGER NOT NULL,
    tracked        INTEGER NOT NULL,
    open_changes   INTEGER NOT NULL,
    events         INTEGER NOT NULL,
    policy         TEXT,
    imported_at_ms INTEGER,
    paused         INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
    digest_at_ms   INTEGER,
    due_ms         INTEGER,
    send_ms        INTEGER,
    pruned         TEXT,
    PRIMARY KEY (workspace)
) STRICT, WITHOUT ROWID;

CREATE INDEX workspace_by_due ON workspace (due_ms, workspace) WHERE paused = 0 AND due_ms IS NOT NULL;
CREATE INDEX workspace_by_send ON workspace (send_ms, workspace) WHERE paused = 0 AND send_ms IS NOT NULL;

-- An instance: one JSON document, in which no SQL looks, and the columns by which it is found, all made from it.
-- name_key, look_key: the name as names are compared, and by what it looks like. seen_import: what a file said again of it.
CREATE TABLE instance (
    workspace          TEXT    NOT NULL,
    id                 TEXT    NOT NULL,
    name               TEXT    NOT NULL,
    region             TEXT    NOT NULL,
    team               TEXT,
    described_at_ms    INTEGER,
    tracking           TEXT    NOT NULL CHECK (tracking IN ('tracked', 'lost', 'removed')),
    edition            TEXT,
    expires_at_ms      INTEGER,
    action             TEXT,
    commodity_id       TEXT,
    decisive_at_ms     INTEGER,
    name_key           TEXT    NOT NULL DEFAULT '',
    look_key           TEXT    NOT NULL DEFAULT '',
    account            TEXT    NOT NULL DEFAULT '',
    seen_import        INTEGER,
    document           TEXT    NOT NULL,
    other_commodity_id TEXT,
    PRIMARY KEY (workspace, id)
) STRICT;

-- Descending, so that tracked ones come before lost ones.
CREATE INDEX instance_by_name ON instance (workspace, tracking DESC, name, region, id);
CREATE INDEX instance_by_commodity ON instance (workspace, commodity_id);
CREATE INDEX instance_by_edition ON instance (workspace, tracking, edition, name, region, id);
CREATE INDEX instance_by_expiry ON instance (workspace, tracking, expires_at_ms) WHERE expires_at_ms IS NOT NULL;
CREATE INDEX instance_by_action ON instance (workspace, tracking, action, name, region, id);
-- It has all that people look for an instance by, so that a search for a part of it reads nothing else.
CREATE INDEX instance_by_team ON instance (workspace, tracking, team, name, region, id, name_key);
-- What the digest lists: whose action nobody knows, of those that have one.
CREATE INDEX instance_in_the_dark ON instance (workspace, expires_at_ms, id)
    WHERE tracking = 'tracked' AND action IS NULL AND COALESCE(edition, 'platinum') = 'platinum';
CREATE INDEX instance_by_decisive ON instance (decisive_at_ms) WHERE decisive_at_ms IS NOT NULL;
CREATE UNIQUE INDEX instance_tracked_name ON instance (workspace, region, name_key, account)
    WHERE tracking = 'tracked' AND name_key <> '';
CREATE INDEX instance_by_name_key ON instance (workspace, tracking DESC, name_key, region, account);
CREATE INDEX instance_by_look ON instance (workspace, look_key) WHERE tracking = 'tracked';
CREATE INDEX instance_by_other_commodity ON instance (workspace, other_commodity_id) WHERE other_commodity_id IS NOT NULL;

-- An edition change: one JSON document, in which no SQL looks, and the columns by which it is found, all made from it.
CREATE TABLE change (
    workspace   TEXT    NOT NULL,
    number      INTEGER NOT NULL CHECK (number > 0),
    instance_id TEXT    NOT NULL,
    status      TEXT    NOT NULL CHECK (status IN ('open', 'done', 'failed', 'cancelled')),
    document    TEXT    NOT NULL,
    PRIMARY KEY (workspace, number),
    FOREIGN KEY (workspace, instance_id) REFERENCES instance (workspace, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX change_open_of_instance ON change (workspace, instance_id) WHERE status = 'open';
CREATE INDEX change_by_status ON change (workspace, status, number);
CREATE INDEX change_of_instance ON change (workspace, instance_id, number);

-- What happened: a row for what happened to an instance at a moment, through one person. data is JSON, a list; seq is the number
-- of the last of it, within the workspace. It only grows.
CREATE TABLE event (
    workspace     TEXT    NOT NULL,
    seq           INTEGER NOT NULL,
    instance_id   TEXT    NOT NULL,
    change_number INTEGER,
    at_ms         INTEGER NOT NULL,
    by_id         TEXT,
    by_name       TEXT,
    data          TEXT    NOT NULL,
    PRIMARY KEY (workspace, seq),
    FOREIGN KEY (workspace, instance_id) REFERENCES instance (workspace, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX event_by_instance ON event (workspace, instance_id, seq);
CREATE INDEX event_by_change ON event (workspace, change_number, seq) WHERE change_number IS NOT NULL;

CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'the history only grows'); END;
CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'the history only grows'); END;

-- What was decided, by whom and what it came to, numbered without gaps within the workspace. rules and events are JSON.
-- hash covers every other column and the hash of the row before; keyed says whether it was made with a key. It only grows.
CREATE TABLE audit (
    workspace     TEXT    NOT NULL,
    seq           INTEGER NOT NULL CHECK (seq > 0),
    at_ms         INTEGER NOT NULL,
    by_id         TEXT,
    by_name       TEXT,
    surface       TEXT    NOT NULL,
    message       TEXT,
    said          TEXT    NOT NULL,
    outcome       TEXT    NOT NULL,
    rules         TEXT    NOT NULL,
    instance_id   TEXT,
    change_number INTEGER,
    events        TEXT    NOT NULL,
    detail        TEXT,
    keyed         INTEGER NOT NULL CHECK (keyed IN (0, 1)),
    hash          TEXT    NOT NULL,
    PRIMARY KEY (workspace, seq)
) STRICT, WITHOUT ROWID;

-- Each ends in the order of the list.
CREATE INDEX audit_by_time ON audit (workspace, at_ms, seq);
CREATE INDEX audit_by_instance ON audit (workspace, instance_id, at_ms, seq) WHERE instance_id IS NOT NULL;
CREATE INDEX audit_by_change ON audit (workspace, change_number, at_ms, seq) WHERE change_number IS NOT NULL;
CREATE INDEX audit_by_person ON audit (workspace, by_id, at_ms, seq) WHERE by_id IS NOT NULL;
CREATE INDEX audit_by_name ON audit (workspace, by_name, at_ms, seq) WHERE by_name IS NOT NULL;

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END;
-- REPLACE deletes without asking the trigger above.
CREATE TRIGGER audit_is_never_replaced BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE workspace = NEW.workspace AND seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END;

-- What is to be said, and what was. A row is written in the transaction of the decision that wants it said.
-- instances and mentions are JSON; payload is JSON that only the composing of the message reads.
-- moved_from and moved_why: it could not be posted there, so it is posted here.
CREATE TABLE outbox (
    workspace     TEXT    NOT NULL,
    id            INTEGER NOT NULL,
    kind          TEXT    NOT NULL,
    channel       TEXT    NOT NULL,
    key           TEXT    NOT NULL,
    due_ms        INTEGER NOT NULL,
    change_number INTEGER,
    instances     TEXT    NOT NULL,
    mentions      TEXT    NOT NULL,
    payload       TEXT    NOT NULL,
    moved_from    TEXT,
    moved_why     TEXT,
    state         TEXT    NOT NULL CHECK (state IN ('due', 'sending', 'sent', 'skipped', 'failed', 'moved')),
    attempts      INTEGER NOT NULL,
    last_error    TEXT,
    done_ms       INTEGER,
    message       TEXT,
    PRIMARY KEY (workspace, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX outbox_by_key ON outbox (workspace, key);
-- The order of a channel; what is done with is not in it.
CREATE INDEX outbox_waiting ON outbox (workspace, channel, due_ms, id) WHERE state IN ('due', 'sending');
-- The oldest message that waits, of all workspaces.
CREATE INDEX outbox_oldest ON outbox (due_ms) WHERE state IN ('due', 'sending');

-- One row a channel, so that nothing ever looks through the messages: which one is next, and when it may be tried.
-- next_ms is the later of when the head is due and retry_at_ms; NULL when nothing waits.
-- told: the admins know that this channel cannot be posted to. waiting: how many messages wait, so that nothing counts them.
CREATE TABLE channel_queue (
    workspace   TEXT    NOT NULL,
    channel     TEXT    NOT NULL,
    head        INTEGER,
    next_ms     INTEGER,
    retry_at_ms INTEGER NOT NULL,
    told        INTEGER NOT NULL CHECK (told IN (0, 1)),
    waiting     INTEGER NOT NULL,
    PRIMARY KEY (workspace, channel)
) STRICT, WITHOUT ROWID;

CREATE INDEX channel_queue_by_next ON channel_queue (workspace, next_ms, head, channel) WHERE next_ms IS NOT NULL;

-- Who does what only one process may do, until when, and when they last said so. before_ms: when its holder
-- before was last seen.
CREATE TABLE lease (
    name      TEXT    NOT NULL,
    holder    TEXT    NOT NULL,
    until_ms  INTEGER NOT NULL,
    seen_ms   INTEGER NOT NULL,
    before_ms INTEGER,
    PRIMARY KEY (name)
) STRICT, WITHOUT ROWID;

-- What became of a level of an expiry, or of an upgrade (of_ms): a row, once and for all. posted: key says in which message.
CREATE TABLE reminder (
    workspace   TEXT    NOT NULL,
    instance_id TEXT    NOT NULL,
    of_ms       INTEGER NOT NULL,
    level       TEXT    NOT NULL,
    due_ms      INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('posted', 'skipped')),
    reason      TEXT,
    at_ms       INTEGER NOT NULL,
    key         TEXT,
    PRIMARY KEY (workspace, instance_id, of_ms, level),
    FOREIGN KEY (workspace, instance_id) REFERENCES instance (workspace, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX reminder_by_expiry ON reminder (workspace, of_ms);

-- That somebody knows of an expiry, and that its last reminder shall come again.
CREATE TABLE attention (
    workspace        TEXT    NOT NULL,
    instance_id      TEXT    NOT NULL,
    of_ms            INTEGER NOT NULL,
    acked_by_id      TEXT,
    acked_by_name    TEXT,
    acked_at_ms      INTEGER,
    snoozed_by_id    TEXT,
    snoozed_by_name  TEXT,
    snoozed_until_ms INTEGER,
    snoozed_level    TEXT,
    acked_risk       TEXT,
    acked_renews     INTEGER,
    PRIMARY KEY (workspace, instance_id),
    FOREIGN KEY (workspace, instance_id) REFERENCES instance (workspace, id)
) STRICT, WITHOUT ROWID;

-- Notices are understood by their whole wording, and a notice may be of the kind `gone`. understood: what a notice was
-- understood to say, as JSON; NULL where it was not. message: its units as JSON, where they are short enough to be kept
-- whole, so that it can be judged once more when its wording is taught. A CHECK cannot be altered: both tables are made
-- again, the one that refers first.
CREATE TABLE notice (
    workspace     TEXT    NOT NULL,
    number        INTEGER NOT NULL CHECK (number > 0),
    kind          TEXT    NOT NULL CHECK (kind IN ('release', 'expiry', 'gone', 'other')),
    text          TEXT    NOT NULL,
    message       TEXT,
    source        TEXT    NOT NULL,
    external_id   TEXT,
    likeness      TEXT    NOT NULL,
    ids           TEXT    NOT NULL,
    names         TEXT    NOT NULL,
    dates         TEXT    NOT NULL,
    understood    TEXT,
    instances     TEXT    NOT NULL,
    received_ms   INTEGER NOT NULL,
    by_id         TEXT    NOT NULL,
    by_name       TEXT    NOT NULL,
    first         TEXT    NOT NULL CHECK (first IN ('suppressed', 'raised', 'duplicate')),
    standing      TEXT    NOT NULL CHECK (standing IN ('suppressed', 'raised', 'duplicate')),
    original      INTEGER,
    verdict       TEXT    NOT NULL,
    because       TEXT,
    proof         TEXT,
    duplicates    INTEGER NOT NULL,
    told          INTEGER NOT NULL,
    suppressed_ms INTEGER,
    raised_ms     INTEGER,
    settled_ms    INTEGER,
    settled_how   TEXT,
    settled_id    TEXT,
    settled_name  TEXT,
    settled_moves INTEGER,
    PRIMARY KEY (workspace, number)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX notice_by_external_id ON notice (workspace, source, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX notice_by_likeness ON notice (workspace, likeness, received_ms, number) WHERE standing <> 'duplicate';
CREATE INDEX notice_suppressed ON notice (workspace, suppressed_ms, number) WHERE suppressed_ms IS NOT NULL;
-- What may be understood once a wording is taught.
CREATE INDEX notice_not_understood ON notice (workspace, standing, settled_ms, understood, number)
    WHERE standing = 'raised' AND settled_ms IS NULL;
-- Raised notices that nobody has settled; of these, those that name nothing that is known.
CREATE INDEX notice_raised ON notice (workspace, standing, settled_ms, number)
    WHERE standing = 'raised' AND settled_ms IS NULL;
CREATE INDEX notice_unnamed ON notice (workspace, standing, settled_ms, instances, number)
    WHERE standing = 'raised' AND settled_ms IS NULL;
CREATE INDEX notice_with_text ON notice (workspace, received_ms) WHERE text <> '';

-- The known instances that a notice names. open: facts may still change what is made of it.
CREATE TABLE notice_instance (
    workspace   TEXT    NOT NULL,
    instance_id TEXT    NOT NULL,
    number      INTEGER NOT NULL,
    open        INTEGER NOT NULL CHECK (open IN (0, 1)),
    rests       INTEGER NOT NULL DEFAULT 0 CHECK (rests IN (0, 1)),
    PRIMARY KEY (workspace, instance_id, number),
    FOREIGN KEY (workspace, number) REFERENCES notice (workspace, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX notice_open ON notice_instance (workspace, instance_id, number) WHERE open = 1;
CREATE INDEX notice_resting ON notice_instance (workspace, instance_id, number) WHERE rests = 1;
CREATE INDEX notice_open_raised ON notice_instance (workspace, instance_id, number) WHERE open = 1 AND rests = 0;

-- What a sender was answered first: the same request sent again gets the same answer, and nothing is decided twice.
-- id: `id:` with what the sender calls it, else `sig:` with its signature.
CREATE TABLE intake (
    workspace   TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    received_ms INTEGER NOT NULL,
    status      INTEGER NOT NULL,
    body        TEXT    NOT NULL,
    PRIMARY KEY (workspace, key, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX intake_by_age ON intake (workspace, received_ms);

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

-- The one message of a change that is kept current. wanted: the key of the post that says the latest of it; message: what
-- the chat calls the message, once it can be seen; told: up to which event its discussion was told; requests: JSON, the
-- messages that ask for approvals and do not show an outcome yet.
CREATE TABLE card (
    workspace     TEXT    NOT NULL,
    change_number INTEGER NOT NULL,
    channel       TEXT    NOT NULL,
    wanted        TEXT    NOT NULL,
    message       TEXT,
    told          INTEGER NOT NULL DEFAULT 0,
    requests      TEXT    NOT NULL DEFAULT '[]',
    PRIMARY KEY (workspace, change_number)
) STRICT, WITHOUT ROWID;

-- How far the messages of a watched channel were looked at: up to last_message, as the chat names it, else from since_ms on.
-- There is a row as long as the channel is watched.
CREATE TABLE watch (
    workspace    TEXT    NOT NULL,
    channel      TEXT    NOT NULL,
    since_ms     INTEGER NOT NULL,
    last_message TEXT,
    PRIMARY KEY (workspace, channel)
) STRICT, WITHOUT ROWID;

-- Files that were brought to a chat and tried, so that they can be applied by a button: the latest few of each workspace.
-- `id` is that of the command that brought the file; it grows. `line` is that command as it was said.
CREATE TABLE upload (
    workspace   TEXT    NOT NULL,
    id          INTEGER NOT NULL,
    line        TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    modified_ms INTEGER,
    bytes       BLOB    NOT NULL,
    taken_ms    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace, id)
) STRICT;

-- The files that were taken. counts is JSON; held is JSON: the instances that a complete listing lacked and that nobody has
-- accepted as missing.
CREATE TABLE import (
    workspace   TEXT    NOT NULL,
    number      INTEGER NOT NULL CHECK (number > 0),
    label       TEXT    NOT NULL,
    facts_ms    INTEGER NOT NULL,
    taken_ms    INTEGER NOT NULL,
    by_id       TEXT    NOT NULL,
    by_name     TEXT    NOT NULL,
    region      TEXT,
    counts      TEXT    NOT NULL,
    held        TEXT,
    undone_ms   INTEGER,
    undone_id   TEXT,
    undone_name TEXT,
    PRIMARY KEY (workspace, number)
) STRICT, WITHOUT ROWID;

-- What a file changed of an instance, as JSON before and after, for as long as it can be undone; neither where it added it.
CREATE TABLE import_change (
    workspace   TEXT    NOT NULL,
    number      INTEGER NOT NULL,
    instance_id TEXT    NOT NULL,
    before      TEXT,
    after       TEXT,
    PRIMARY KEY (workspace, number, instance_id),
    FOREIGN KEY (workspace, number) REFERENCES import (workspace, number)
) STRICT, WITHOUT ROWID;

-- Of which facts a file said again what is held: JSON, by fact, with who gave the file and when it was true. Instances share
-- a row, so that a file that says nothing new costs one number an instance.
CREATE TABLE import_seen (
    workspace TEXT    NOT NULL,
    number    INTEGER NOT NULL CHECK (number > 0),
    import    INTEGER NOT NULL,
    before    TEXT    NOT NULL,
    facts     TEXT    NOT NULL,
    PRIMARY KEY (workspace, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX import_seen_of ON import_seen (workspace, import);

-- Due moments, a row each: `change`, time moves a change (subject: its number); `notice`, a notice is looked at again (its
-- number); `digest`, the digest of a week (nothing); `workspace`, what is open for it as a whole (nothing); `instance`, an instance is to be looked at (its id; 0: at once, because
-- something about it was written). Kinds are the program's matter.
CREATE TABLE schedule (
    workspace TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    subject   TEXT    NOT NULL,
    due_ms    INTEGER NOT NULL,
    PRIMARY KEY (workspace, kind, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX schedule_by_time ON schedule (workspace, due_ms, kind, subject);
CREATE INDEX schedule_by_kind ON schedule (workspace, kind, due_ms, subject);

-- What is open of an instance, and since when. weight: noted is in the digest only. by_ms: by when it must be settled.
CREATE TABLE concern (
    workspace   TEXT    NOT NULL,
    instance_id TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    weight      TEXT    NOT NULL CHECK (weight IN ('noted', 'open')),
    since_ms    INTEGER NOT NULL,
    by_ms       INTEGER,
    rank        INTEGER NOT NULL DEFAULT 0,
    presses_ms  INTEGER NOT NULL DEFAULT 0,
    team        TEXT,
    owner       TEXT    NOT NULL DEFAULT 'nobody',
    PRIMARY KEY (workspace, instance_id, kind),
    FOREIGN KEY (workspace, instance_id) REFERENCES instance (workspace, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX concern_by_rank ON concern (workspace, rank, presses_ms, instance_id, kind);
CREATE INDEX concern_by_team ON concern (workspace, team, rank, presses_ms, instance_id, kind);
CREATE INDEX concern_by_owner ON concern (workspace, owner, team, rank, presses_ms, instance_id, kind);

-- When people were last told something about an instance.
CREATE TABLE told (
    workspace   TEXT    NOT NULL,
    instance_id TEXT    NOT NULL,
    at_ms       INTEGER NOT NULL,
    PRIMARY KEY (workspace, instance_id),
    FOREIGN KEY (workspace, instance_id) REFERENCES instance (workspace, id)
) STRICT, WITHOUT ROWID;

-- Wordings that a workspace was taught. bodies, subjects: templates as JSON lists. asked: the first of two words; taught:
-- the second, since when it holds; reason: why one person alone taught it. uses, used_ms: the notices that were suppressed
-- by it. forgotten: who ended it.
CREATE TABLE wording (
    workspace      TEXT    NOT NULL,
    number         INTEGER NOT NULL CHECK (number > 0),
    notice         INTEGER NOT NULL,
    source         TEXT    NOT NULL,
    kind           TEXT    NOT NULL CHECK (kind IN ('release', 'expiry', 'other')),
    first_date     TEXT    CHECK (first_date IN ('release', 'expiry')),
    bodies         TEXT    NOT NULL,
    subjects       TEXT    NOT NULL,
    asked_ms       INTEGER NOT NULL,
    asked_id       TEXT    NOT NULL,
    asked_name     TEXT    NOT NULL,
    taught_ms      INTEGER,
    taught_id      TEXT,
    taught_name    TEXT,
    reason         TEXT,
    uses           INTEGER NOT NULL,
    used_ms        INTEGER,
    forgotten_ms   INTEGER,
    forgotten_id   TEXT,
    forgotten_name TEXT,
    PRIMARY KEY (workspace, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX wording_in_force ON wording (workspace, source, forgotten_ms, number);
CREATE INDEX wording_of_notice ON wording (workspace, notice, number);

-- Which notices were suppressed by one.
CREATE TABLE wording_use (
    workspace TEXT    NOT NULL,
    wording   INTEGER NOT NULL,
    notice    INTEGER NOT NULL,
    PRIMARY KEY (workspace, wording, notice),
    FOREIGN KEY (workspace, wording) REFERENCES wording (workspace, number)
) STRICT, WITHOUT ROWID;

-- What people asked for in a chat, by the id that the chat gave it: noted with what was decided on it, so that of two
-- processes that hear of it one decides.
CREATE TABLE heard (
    workspace TEXT    NOT NULL,
    id        TEXT    NOT NULL,
    at_ms     INTEGER NOT NULL,
    PRIMARY KEY (workspace, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX heard_by_age ON heard (workspace, at_ms);

-- What was settled, for the next digest; what an earlier one has told is deleted.
CREATE TABLE settled (
    workspace   TEXT    NOT NULL,
    at_ms       INTEGER NOT NULL,
    instance_id TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    PRIMARY KEY (workspace, at_ms, instance_id, kind)
) STRICT, WITHOUT ROWID;

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
