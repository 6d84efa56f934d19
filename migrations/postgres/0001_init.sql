-- What the migrations of `SQLite` come to, the first four. Text is compared by its code points.
-- Every table has the workspace first in its primary key, and instants are milliseconds since 1970 in UTC.

-- One row a workspace: its counters, so that nothing ever counts rows; when its last file was taken and its last digest posted;
-- whether it is paused; the policy that was last in force, as JSON.
CREATE TABLE workspace (
    workspace      TEXT COLLATE "C" NOT NULL,
    next_change    BIGINT NOT NULL,
    tracked        BIGINT NOT NULL,
    open_changes   BIGINT NOT NULL,
    events         BIGINT NOT NULL,
    policy         TEXT COLLATE "C",
    imported_at_ms BIGINT,
    paused         BIGINT NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
    digest_at_ms   BIGINT,
    due_ms         BIGINT,
    send_ms        BIGINT,
    pruned         TEXT COLLATE "C",
    PRIMARY KEY (workspace)
);

CREATE INDEX workspace_by_due ON workspace (due_ms, workspace) WHERE paused = 0 AND due_ms IS NOT NULL;
CREATE INDEX workspace_by_send ON workspace (send_ms, workspace) WHERE paused = 0 AND send_ms IS NOT NULL;

-- An instance: one JSON document, in which no SQL looks, and the columns by which it is found, all made from it.
-- name_key, look_key: the name as names are compared, and by what it looks like. seen_import: what a file said again of it.
CREATE TABLE instance (
    workspace          TEXT COLLATE "C" NOT NULL,
    id                 TEXT COLLATE "C" NOT NULL,
    name               TEXT COLLATE "C" NOT NULL,
    region             TEXT COLLATE "C" NOT NULL,
    team               TEXT COLLATE "C",
    described_at_ms    BIGINT,
    tracking           TEXT COLLATE "C" NOT NULL CHECK (tracking IN ('tracked', 'lost', 'removed')),
    edition            TEXT COLLATE "C",
    expires_at_ms      BIGINT,
    action             TEXT COLLATE "C",
    commodity_id       TEXT COLLATE "C",
    decisive_at_ms     BIGINT,
    name_key           TEXT COLLATE "C" NOT NULL DEFAULT '',
    look_key           TEXT COLLATE "C" NOT NULL DEFAULT '',
    account            TEXT COLLATE "C" NOT NULL DEFAULT '',
    seen_import        BIGINT,
    document           TEXT COLLATE "C" NOT NULL,
    other_commodity_id TEXT COLLATE "C",
    PRIMARY KEY (workspace, id)
);

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
-- Whose action was seen longest ago comes first in a list by age.
CREATE INDEX instance_by_age ON instance (workspace, tracking, decisive_at_ms) WHERE decisive_at_ms IS NOT NULL;
CREATE INDEX instance_by_decisive ON instance (decisive_at_ms) WHERE decisive_at_ms IS NOT NULL;
CREATE UNIQUE INDEX instance_tracked_name ON instance (workspace, region, name_key, account)
    WHERE tracking = 'tracked' AND name_key <> '';
CREATE INDEX instance_by_name_key ON instance (workspace, tracking DESC, name_key, region, account);
CREATE INDEX instance_by_look ON instance (workspace, look_key) WHERE tracking = 'tracked';
CREATE INDEX instance_by_other_commodity ON instance (workspace, other_commodity_id) WHERE other_commodity_id IS NOT NULL;

-- An edition change: one JSON document, in which no SQL looks, and the columns by which it is found, all made from it.
CREATE TABLE change (
    workspace   TEXT COLLATE "C" NOT NULL,
    number      BIGINT NOT NULL CHECK (number > 0),
    instance_id TEXT COLLATE "C" NOT NULL,
    status      TEXT COLLATE "C" NOT NULL CHECK (status IN ('open', 'done', 'failed', 'cancelled')),
    document    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (workspace, number),
    FOREIGN KEY (workspace, instance_id) REFERENCES instance (workspace, id)
);

CREATE UNIQUE INDEX change_open_of_instance ON change (workspace, instance_id) WHERE status = 'open';
CREATE INDEX change_by_status ON change (workspace, status, number);
CREATE INDEX change_of_instance ON change (workspace, instance_id, number);

-- What happened: a row for what happened to an instance at a moment, through one person. data is JSON, a list; seq is the number
-- of the last of it, within the workspace. It only grows.
CREATE TABLE event (
    workspace     TEXT COLLATE "C" NOT NULL,
    seq           BIGINT NOT NULL,
    instance_id   TEXT COLLATE "C" NOT NULL,
    change_number BIGINT,
    at_ms         BIGINT NOT NULL,
    by_id         TEXT COLLATE "C",
    by_name       TEXT COLLATE "C",
    data          TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (workspace, seq),
    FOREIGN KEY (workspace, instance_id) REFERENCES instance (workspace, id)
);

CREATE INDEX event_by_instance ON event (workspace, instance_id, seq);
CREATE INDEX event_by_change ON event (workspace, change_number, seq) WHERE change_number IS NOT NULL;

CREATE FUNCTION only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the table % only grows', TG_TABLE_NAME; END $$;

CREATE TRIGGER event_only_grows BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION only_grows();
CREATE TRIGGER event_is_never_emptied BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION only_grows();

-- What was decided, by whom and what it came to, numbered without gaps within the workspace. rules and events are JSON.
-- hash covers every other column and the hash of the row before; keyed says whether it was made with a key. It only grows.
CREATE TABLE audit (
    workspace     TEXT COLLATE "C" NOT NULL,
    seq           BIGINT NOT NULL CHECK (seq > 0),
    at_ms         BIGINT NOT NULL,
    by_id         TEXT COLLATE "C",
    by_name       TEXT COLLATE "C",
    surface       TEXT COLLATE "C" NOT NULL,
    message       TEXT COLLATE "C",
    said          TEXT COLLATE "C" NOT NULL,
    outcome       TEXT COLLATE "C" NOT NULL,
    rules         TEXT COLLATE "C" NOT NULL,
    instance_id   TEXT COLLATE "C",
    change_number BIGINT,
    events        TEXT COLLATE "C" NOT NULL,
    detail        TEXT COLLATE "C",
    keyed         BIGINT NOT NULL CHECK (keyed IN (0, 1)),
    hash          TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (workspace, seq)
);

-- Each ends in the order of the list.
CREATE INDEX audit_by_time ON audit (workspace, at_ms, seq);
CREATE INDEX audit_by_instance ON audit (workspace, instance_id, at_ms, seq) WHERE instance_id IS NOT NULL;
CREATE INDEX audit_by_change ON audit (workspace, change_number, at_ms, seq) WHERE change_number IS NOT NULL;
CREATE INDEX audit_by_person ON audit (workspace, by_id, at_ms, seq) WHERE by_id IS NOT NULL;
CREATE INDEX audit_by_name ON audit (workspace, by_name, at_ms, seq) WHERE by_name IS NOT NULL;

CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION only_grows();
CREATE TRIGGER audit_is_never_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION only_grows();

-- What is to be said, and what was. A row is written in the transaction of the decision that wants it said.
-- instances and mentions are JSON; payload is JSON that only the composing of the message reads.
-- moved_from and moved_why: it could not be posted there, so it is posted here.
CREATE TABLE outbox (
    workspace     TEXT COLLATE "C" NOT NULL,
    id            BIGINT NOT NULL,
    kind          TEXT COLLATE "C" NOT NULL,
    channel       TEXT COLLATE "C" NOT NULL,
    key           TEXT COLLATE "C" NOT NULL,
    due_ms        BIGINT NOT NULL,
    change_number BIGINT,
    instances     TEXT COLLATE "C" NOT NULL,
    mentions      TEXT COLLATE "C" NOT NULL,
    payload       TEXT COLLATE "C" NOT NULL,
    moved_from    TEXT COLLATE "C",
    moved_why     TEXT COLLATE "C",
    state         TEXT COLLATE "C" NOT NULL CHECK (state IN ('due', 'sending', 'sent', 'skipped', 'failed', 'moved')),
    attempts      BIGINT NOT NULL,
    last_error    TEXT COLLATE "C",
    done_ms       BIGINT,
    message       TEXT COLLATE "C",
    PRIMARY KEY (workspace, id)
);

CREATE UNIQUE INDEX outbox_by_key ON outbox (workspace, key);
-- The order of a channel; what is done with is not in it.
CREATE INDEX outbox_waiting ON outbox (workspace, channel, due_ms, id) WHERE state IN ('due', 'sending');
-- The oldest message that waits, of all workspaces.
CREATE INDEX outbox_oldest ON outbox (due_ms) WHERE state IN ('due', 'sending');

-- One row a channel, so that nothing ever looks through the messages: which one is next, and when it may be tried.
-- next_ms is the later of when the head is due and retry_at_ms; NULL when nothing waits.
-- told: the admins know that this channel cannot be posted to. waiting: how many messages wait, so that nothing counts them.
CREATE TABLE channel_queue (
    workspace   TEXT COLLATE "C" NOT NULL,
    channel     TEXT COLLATE "C" NOT NULL,
    head        BIGINT,
    next_ms     BIGINT,
    retry_at_ms BIGINT NOT NULL,
    told        BIGINT NOT NULL CHECK (told IN (0, 1)),
    waiting     BIGINT NOT NULL,
    PRIMARY KEY (workspace, channel)
);

CREATE INDEX channel_queue_by_next ON channel_queue (workspace, next_ms, head, channel) WHERE next_ms IS NOT NULL;

-- Who does what only one process may do, until when, and when they last said so. before_ms: when its holder
-- before was last seen.
CREATE TABLE lease (
    name      TEXT COLLATE "C" NOT NULL,
    holder    TEXT COLLATE "C" NOT NULL,
    until_ms  BIGINT NOT NULL,
    seen_ms   BIGINT NOT NULL,
    before_ms BIGINT,
    PRIMARY KEY (name)
);

-- What became of a level of an expiry, or of an upgrade (of_ms): a row, once and for all. posted: key says in which message.
CREATE TABLE reminder (
    workspace   TEXT COLLATE "C" NOT NULL,
    instance_id TEXT COLLATE "C" NOT NULL,
    of_ms       BIGINT NOT NULL,
    level       TEXT COLLATE "C" NOT NULL,
    due_ms      BIGINT NOT NULL,
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('posted', 'skipped')),
    reason      TEXT COLLATE "C",
    at_ms       BIGINT NOT NULL,
    key         TEXT COLLATE "C",
    PRIMARY KEY (workspace, instance_id, of_ms, level),
    FOREIGN KEY (workspace, instance_id) REFERENCES instance (workspace, id)
);

CREATE INDEX reminder_by_expiry ON reminder (workspace, of_ms);

-- That somebody knows of an expiry, and that its last reminder shall come again.
CREATE TABLE attention (
    workspace        TEXT COLLATE "C" NOT NULL,
    instance_id      TEXT COLLATE "C" NOT NULL,
    of_ms            BIGINT NOT NULL,
    acked_by_id      TEXT COLLATE "C",
    acked_by_name    TEXT COLLATE "C",
    acked_at_ms      BIGINT,
    snoozed_by_id    TEXT COLLATE "C",
    snoozed_by_name  TEXT COLLATE "C",
    snoozed_until_ms BIGINT,
    snoozed_level    TEXT COLLATE "C",
    acked_risk       TEXT COLLATE "C",
    acked_renews     BIGINT,
    PRIMARY KEY (workspace, instance_id),
    FOREIGN KEY (workspace, instance_id) REFERENCES instance (workspace, id)
);

-- Notices are understood by their whole wording, and a notice may be of the kind `gone`. understood: what a notice was
-- understood to say, as JSON; NULL where it was not. message: its units as JSON, where they are short enough to be kept
-- whole, so that it can be judged once more when its wording is taught.
CREATE TABLE notice (
    workspace     TEXT COLLATE "C" NOT NULL,
    number        BIGINT NOT NULL CHECK (number > 0),
    kind          TEXT COLLATE "C" NOT NULL CHECK (kind IN ('release', 'expiry', 'gone', 'other')),
    text          TEXT COLLATE "C" NOT NULL,
    message       TEXT COLLATE "C",
    source        TEXT COLLATE "C" NOT NULL,
    external_id   TEXT COLLATE "C",
    likeness      TEXT COLLATE "C" NOT NULL,
    ids           TEXT COLLATE "C" NOT NULL,
    names         TEXT COLLATE "C" NOT NULL,
    dates         TEXT COLLATE "C" NOT NULL,
    understood    TEXT COLLATE "C",
    instances     TEXT COLLATE "C" NOT NULL,
    received_ms   BIGINT NOT NULL,
    by_id         TEXT COLLATE "C" NOT NULL,
    by_name       TEXT COLLATE "C" NOT NULL,
    first         TEXT COLLATE "C" NOT NULL CHECK (first IN ('suppressed', 'raised', 'duplicate')),
    status        TEXT COLLATE "C" NOT NULL CHECK (status IN ('suppressed', 'raised', 'duplicate')),
    original      BIGINT,
    verdict       TEXT COLLATE "C" NOT NULL,
    because       TEXT COLLATE "C",
    proof         TEXT COLLATE "C",
    duplicates    BIGINT NOT NULL,
    told          BIGINT NOT NULL,
    suppressed_ms BIGINT,
    raised_ms     BIGINT,
    settled_ms    BIGINT,
    settled_how   TEXT COLLATE "C",
    settled_id    TEXT COLLATE "C",
    settled_name  TEXT COLLATE "C",
    settled_moves BIGINT,
    PRIMARY KEY (workspace, number)
);

CREATE UNIQUE INDEX notice_by_external_id ON notice (workspace, source, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX notice_by_likeness ON notice (workspace, likeness, received_ms, number) WHERE status <> 'duplicate';
CREATE INDEX notice_suppressed ON notice (workspace, suppressed_ms, number) WHERE suppressed_ms IS NOT NULL;
-- What may be understood once a wording is taught.
CREATE INDEX notice_not_understood ON notice (workspace, status, settled_ms, understood, number)
    WHERE status = 'raised' AND settled_ms IS NULL;
-- Raised notices that nobody has settled; of these, those that name nothing that is known.
CREATE INDEX notice_raised ON notice (workspace, status, settled_ms, number)
    WHERE status = 'raised' AND settled_ms IS NULL;
CREATE INDEX notice_unnamed ON notice (workspace, status, settled_ms, instances, number)
    WHERE status = 'raised' AND settled_ms IS NULL;
CREATE INDEX notice_with_text ON notice (workspace, received_ms) WHERE text <> '';

-- The known instances that a notice names. open: facts may still change what is made of it.
CREATE TABLE notice_instance (
    workspace   TEXT COLLATE "C" NOT NULL,
    instance_id TEXT COLLATE "C" NOT NULL,
    number      BIGINT NOT NULL,
    open        BIGINT NOT NULL CHECK (open IN (0, 1)),
    rests       BIGINT NOT NULL DEFAULT 0 CHECK (rests IN (0, 1)),
    PRIMARY KEY (workspace, instance_id, number),
    FOREIGN KEY (workspace, number) REFERENCES notice (workspace, number)
);

CREATE INDEX notice_open ON notice_instance (workspace, instance_id, number) WHERE open = 1;
CREATE INDEX notice_resting ON notice_instance (workspace, instance_id, number) WHERE rests = 1;
CREATE INDEX notice_open_raised ON notice_instance (workspace, instance_id, number) WHERE open = 1 AND rests = 0;

-- What a sender was answered first: the same request sent again gets the same answer, and nothing is decided twice.
-- id: `id:` with what the sender calls it, else `sig:` with its signature.
CREATE TABLE intake (
    workspace   TEXT COLLATE "C" NOT NULL,
    key         TEXT COLLATE "C" NOT NULL,
    id          TEXT COLLATE "C" NOT NULL,
    received_ms BIGINT NOT NULL,
    status      BIGINT NOT NULL,
    body        TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (workspace, key, id)
);

CREATE INDEX intake_by_age ON intake (workspace, received_ms);

-- What a workspace has set for itself: a row a setting. key is what follows `settings` when it is typed; what is not here is
-- as the configuration has it. value is a word, a number or JSON.
CREATE TABLE setting (
    workspace   TEXT COLLATE "C" NOT NULL,
    key         TEXT COLLATE "C" NOT NULL,
    value       TEXT COLLATE "C" NOT NULL,
    set_by_id   TEXT COLLATE "C" NOT NULL,
    set_by_name TEXT COLLATE "C" NOT NULL,
    set_at_ms   BIGINT NOT NULL,
    PRIMARY KEY (workspace, key)
);

-- The one message of a change that is kept current. wanted: the key of the post that says the latest of it; message: what
-- the chat calls the message, once it can be seen; told: up to which event its discussion was told; requests: JSON, the
-- messages that ask for approvals and do not show an outcome yet.
CREATE TABLE card (
    workspace     TEXT COLLATE "C" NOT NULL,
    change_number BIGINT NOT NULL,
    channel       TEXT COLLATE "C" NOT NULL,
    wanted        TEXT COLLATE "C" NOT NULL,
    message       TEXT COLLATE "C",
    told          BIGINT NOT NULL DEFAULT 0,
    requests      TEXT COLLATE "C" NOT NULL DEFAULT '[]',
    PRIMARY KEY (workspace, change_number)
);

-- How far the messages of a watched channel were looked at: up to last_message, as the chat names it, else from since_ms on.
-- There is a row as long as the channel is watched.
CREATE TABLE watch (
    workspace    TEXT COLLATE "C" NOT NULL,
    channel      TEXT COLLATE "C" NOT NULL,
    since_ms     BIGINT NOT NULL,
    last_message TEXT COLLATE "C",
    PRIMARY KEY (workspace, channel)
);

-- Files that were brought to a chat and tried, so that they can be applied by a button: the latest few of each workspace.
-- `id` is that of the command that brought the file; it grows. `line` is that command as it was said.
CREATE TABLE upload (
    workspace   TEXT COLLATE "C" NOT NULL,
    id          BIGINT NOT NULL,
    line        TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    modified_ms BIGINT,
    bytes       BYTEA    NOT NULL,
    taken_ms    BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace, id)
);

-- The files that were taken. counts is JSON; held is JSON: the instances that a complete listing lacked and that nobody has
-- accepted as missing.
CREATE TABLE import (
    workspace   TEXT COLLATE "C" NOT NULL,
    number      BIGINT NOT NULL CHECK (number > 0),
    label       TEXT COLLATE "C" NOT NULL,
    facts_ms    BIGINT NOT NULL,
    taken_ms    BIGINT NOT NULL,
    by_id       TEXT COLLATE "C" NOT NULL,
    by_name     TEXT COLLATE "C" NOT NULL,
    region      TEXT COLLATE "C",
    counts      TEXT COLLATE "C" NOT NULL,
    held        TEXT COLLATE "C",
    undone_ms   BIGINT,
    undone_id   TEXT COLLATE "C",
    undone_name TEXT COLLATE "C",
    PRIMARY KEY (workspace, number)
);

-- What a file changed of an instance, as JSON before and after, for as long as it can be undone; neither where it added it.
CREATE TABLE import_change (
    workspace   TEXT COLLATE "C" NOT NULL,
    number      BIGINT NOT NULL,
    instance_id TEXT COLLATE "C" NOT NULL,
    before      TEXT COLLATE "C",
    after       TEXT COLLATE "C",
    PRIMARY KEY (workspace, number, instance_id),
    FOREIGN KEY (workspace, number) REFERENCES import (workspace, number)
);

-- Of which facts a file said again what is held: JSON, by fact, with who gave the file and when it was true. Instances share
-- a row, so that a file that says nothing new costs one number an instance.
CREATE TABLE import_seen (
    workspace TEXT COLLATE "C" NOT NULL,
    number    BIGINT NOT NULL CHECK (number > 0),
    import    BIGINT NOT NULL,
    before    TEXT COLLATE "C" NOT NULL,
    facts     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (workspace, number)
);

CREATE INDEX import_seen_of ON import_seen (workspace, import);

-- Due moments, a row each: `change`, time moves a change (subject: its number); `notice`, a notice is looked at again (its
-- number); `digest`, the digest of a week (nothing); `workspace`, what is open for it as a whole (nothing); `instance`, an instance is to be looked at (its id; 0: at once, because
-- something about it was written). Kinds are the program's matter.
CREATE TABLE schedule (
    workspace TEXT COLLATE "C" NOT NULL,
    kind      TEXT COLLATE "C" NOT NULL,
    subject   TEXT COLLATE "C" NOT NULL,
    due_ms    BIGINT NOT NULL,
    PRIMARY KEY (workspace, kind, subject)
);

CREATE INDEX schedule_by_time ON schedule (workspace, due_ms, kind, subject);
CREATE INDEX schedule_by_kind ON schedule (workspace, kind, due_ms, subject);

-- What is open of an instance, and since when. weight: noted is in the digest only. by_ms: by when it must be settled.
CREATE TABLE concern (
    workspace   TEXT COLLATE "C" NOT NULL,
    instance_id TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    weight      TEXT COLLATE "C" NOT NULL CHECK (weight IN ('noted', 'open')),
    since_ms    BIGINT NOT NULL,
    by_ms       BIGINT,
    rank        BIGINT NOT NULL DEFAULT 0,
    presses_ms  BIGINT NOT NULL DEFAULT 0,
    team        TEXT COLLATE "C",
    owner       TEXT COLLATE "C" NOT NULL DEFAULT 'nobody',
    PRIMARY KEY (workspace, instance_id, kind),
    FOREIGN KEY (workspace, instance_id) REFERENCES instance (workspace, id)
);

CREATE INDEX concern_by_rank ON concern (workspace, rank, presses_ms, instance_id, kind);
CREATE INDEX concern_by_team ON concern (workspace, team, rank, presses_ms, instance_id, kind);
CREATE INDEX concern_by_owner ON concern (workspace, owner, team, rank, presses_ms, instance_id, kind);

-- When people were last told something about an instance.
CREATE TABLE told (
    workspace   TEXT COLLATE "C" NOT NULL,
    instance_id TEXT COLLATE "C" NOT NULL,
    at_ms       BIGINT NOT NULL,
    PRIMARY KEY (workspace, instance_id),
    FOREIGN KEY (workspace, instance_id) REFERENCES instance (workspace, id)
);

-- Wordings that a workspace was taught. bodies, subjects: templates as JSON lists. asked: the first of two words; taught:
-- the second, since when it holds; reason: why one person alone taught it. uses, used_ms: the notices that were suppressed
-- by it. forgotten: who ended it.
CREATE TABLE wording (
    workspace      TEXT COLLATE "C" NOT NULL,
    number         BIGINT NOT NULL CHECK (number > 0),
    notice         BIGINT NOT NULL,
    source         TEXT COLLATE "C" NOT NULL,
    kind           TEXT COLLATE "C" NOT NULL CHECK (kind IN ('release', 'expiry', 'other')),
    first_date     TEXT COLLATE "C" CHECK (first_date IN ('release', 'expiry')),
    bodies         TEXT COLLATE "C" NOT NULL,
    subjects       TEXT COLLATE "C" NOT NULL,
    asked_ms       BIGINT NOT NULL,
    asked_id       TEXT COLLATE "C" NOT NULL,
    asked_name     TEXT COLLATE "C" NOT NULL,
    taught_ms      BIGINT,
    taught_id      TEXT COLLATE "C",
    taught_name    TEXT COLLATE "C",
    reason         TEXT COLLATE "C",
    uses           BIGINT NOT NULL,
    used_ms        BIGINT,
    forgotten_ms   BIGINT,
    forgotten_id   TEXT COLLATE "C",
    forgotten_name TEXT COLLATE "C",
    PRIMARY KEY (workspace, number)
);

CREATE INDEX wording_in_force ON wording (workspace, source, forgotten_ms, number);
CREATE INDEX wording_of_notice ON wording (workspace, notice, number);

-- Which notices were suppressed by one.
CREATE TABLE wording_use (
    workspace TEXT COLLATE "C" NOT NULL,
    wording   BIGINT NOT NULL,
    notice    BIGINT NOT NULL,
    PRIMARY KEY (workspace, wording, notice),
    FOREIGN KEY (workspace, wording) REFERENCES wording (workspace, number)
);

-- What people asked for in a chat, by the id that the chat gave it: noted with what was decided on it, so that of two
-- processes that hear of it one decides.
CREATE TABLE heard (
    workspace TEXT COLLATE "C" NOT NULL,
    id        TEXT COLLATE "C" NOT NULL,
    at_ms     BIGINT NOT NULL,
    PRIMARY KEY (workspace, id)
);

CREATE INDEX heard_by_age ON heard (workspace, at_ms);

-- What was settled, for the next digest; what an earlier one has told is deleted.
CREATE TABLE settled (
    workspace   TEXT COLLATE "C" NOT NULL,
    at_ms       BIGINT NOT NULL,
    instance_id TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (workspace, at_ms, instance_id, kind)
);

-- What was seen that nothing else says. what: `role`, a role of the chat (members: how many have it, NULL where that is not
-- known, -1 where it is gone); `row`, rows that could not be read.
CREATE TABLE observed (
    workspace TEXT COLLATE "C" NOT NULL,
    what      TEXT COLLATE "C" NOT NULL CHECK (what IN ('role', 'row')),
    subject   TEXT COLLATE "C" NOT NULL,
    members   BIGINT,
    at_ms     BIGINT NOT NULL,
    PRIMARY KEY (workspace, what, subject)
);

-- Since when something is open, and how many rungs of its ladder were told.
CREATE TABLE workspace_concern (
    workspace TEXT COLLATE "C" NOT NULL,
    key       TEXT COLLATE "C" NOT NULL,
    since_ms  BIGINT NOT NULL,
    told      BIGINT NOT NULL,
    PRIMARY KEY (workspace, key)
);

-- A workspace of a database that was restored from a copy: a row for the latest time. state_ms: until when it knows what
-- happened. last_outbox, last_notice: what comes after these numbers was written since. instance, notice: how far what the
-- copy knew was distrusted; NULL: all of it was. voided, raised: of how much so far.
CREATE TABLE restoration (
    workspace   TEXT COLLATE "C" NOT NULL,
    state_ms    BIGINT NOT NULL,
    restored_ms BIGINT NOT NULL,
    last_outbox BIGINT NOT NULL,
    last_notice BIGINT NOT NULL,
    instance    TEXT COLLATE "C" DEFAULT '',
    notice      BIGINT DEFAULT 0,
    voided      BIGINT NOT NULL DEFAULT 0,
    raised      BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace)
);
