-- What is not kept for ever.

-- What a pass that is under way has taken away so far, as JSON; NULL between passes.
ALTER TABLE workspace ADD COLUMN pruned TEXT;

-- When it was brought.
ALTER TABLE upload ADD COLUMN taken_ms INTEGER NOT NULL DEFAULT 0;

CREATE INDEX reminder_by_expiry ON reminder (workspace, of_ms);
CREATE INDEX notice_with_text ON notice (workspace, received_ms) WHERE text <> '';
