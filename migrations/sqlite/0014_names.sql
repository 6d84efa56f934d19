-- Names are compared without case, and by what they look like; those of two vendor accounts may be the same. The keys are
-- what the program makes of the name (`name_key` of its letters, `look_key` of its looks): it fills them where they are empty.
ALTER TABLE instance ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
ALTER TABLE instance ADD COLUMN look_key TEXT NOT NULL DEFAULT '';
ALTER TABLE instance ADD COLUMN account TEXT NOT NULL DEFAULT '';

DROP INDEX instance_tracked_name;
CREATE UNIQUE INDEX instance_tracked_name ON instance (workspace, region, name_key, account)
    WHERE tracking = 'tracked' AND name_key <> '';
CREATE INDEX instance_by_name_key ON instance (workspace, tracking DESC, name_key, region, account);
CREATE INDEX instance_by_look ON instance (workspace, look_key) WHERE tracking = 'tracked';
-- Where the program has something to fill; it is empty otherwise.
CREATE INDEX instance_without_key ON instance (workspace) WHERE name_key = '';
