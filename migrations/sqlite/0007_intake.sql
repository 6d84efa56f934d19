-- What came in from outside the chat, and what gauges are read from.

-- What a sender was answered first: whoever sends the same again gets the same answer, and nothing is decided anew.
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

-- How many messages wait, so that nothing ever counts them; one row a workspace.
CREATE TABLE outbox_depth (
    workspace TEXT    NOT NULL,
    waiting   INTEGER NOT NULL,
    PRIMARY KEY (workspace)
) STRICT, WITHOUT ROWID;

INSERT INTO outbox_depth (workspace, waiting)
SELECT workspace, COUNT(*) FROM outbox WHERE state IN ('due', 'sending') GROUP BY workspace;

CREATE TRIGGER outbox_grows AFTER INSERT ON outbox WHEN NEW.state IN ('due', 'sending')
BEGIN
    INSERT INTO outbox_depth (workspace, waiting) SELECT NEW.workspace, 0
    WHERE NOT EXISTS (SELECT 1 FROM outbox_depth WHERE workspace = NEW.workspace);
    UPDATE outbox_depth SET waiting = waiting + 1 WHERE workspace = NEW.workspace;
END;
CREATE TRIGGER outbox_moves AFTER UPDATE OF state ON outbox
WHEN (OLD.state IN ('due', 'sending')) <> (NEW.state IN ('due', 'sending'))
BEGIN
    UPDATE outbox_depth SET waiting = waiting + CASE WHEN NEW.state IN ('due', 'sending') THEN 1 ELSE -1 END
    WHERE workspace = NEW.workspace;
END;
CREATE TRIGGER outbox_shrinks AFTER DELETE ON outbox WHEN OLD.state IN ('due', 'sending')
BEGIN
    UPDATE outbox_depth SET waiting = waiting - 1 WHERE workspace = OLD.workspace;
END;

-- The oldest message that waits, of all workspaces.
CREATE INDEX outbox_oldest ON outbox (due_ms) WHERE state IN ('due', 'sending');

-- When somebody last looked at what decides the fate of a tracked instance that is not known to be Standard.
ALTER TABLE instance ADD COLUMN decisive_at_ms INTEGER;

UPDATE instance SET decisive_at_ms = (
    SELECT CASE WHEN other_at_ms < at_ms THEN other_at_ms ELSE at_ms END FROM fact
    WHERE fact.workspace = instance.workspace AND instance_id = instance.id AND kind = 'action'
)
WHERE tracking = 'tracked' AND COALESCE(edition, '') <> 'standard';

CREATE INDEX instance_by_decisive ON instance (decisive_at_ms) WHERE decisive_at_ms IS NOT NULL;
