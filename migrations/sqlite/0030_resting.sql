-- rests: nobody is told of the notice as long as facts of the instance hold. It is looked at whenever one moves; of the others
-- that are open, only the latest.
ALTER TABLE notice_instance ADD COLUMN rests INTEGER NOT NULL DEFAULT 0 CHECK (rests IN (0, 1));

UPDATE notice_instance SET rests = 1 WHERE open = 1 AND EXISTS (
    SELECT 1 FROM notice WHERE notice.workspace = notice_instance.workspace AND notice.number = notice_instance.number
    AND (notice.standing <> 'raised' OR notice.settled_ms IS NOT NULL));

CREATE INDEX notice_resting ON notice_instance (workspace, instance_id, number) WHERE rests = 1;
CREATE INDEX notice_open_raised ON notice_instance (workspace, instance_id, number) WHERE open = 1 AND rests = 0;
