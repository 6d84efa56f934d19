-- What version 16 added.
INSERT INTO schedule VALUES ('w', 'workspace', '', 1766966400000);
INSERT INTO concern VALUES ('w', 'MQ_INST_1080056302921134_BXuIbML7', 'action-unsure', 'open', 1766016000000, NULL)
    ON CONFLICT (workspace, instance_id, kind) DO NOTHING;
INSERT INTO told VALUES ('w', 'MQ_INST_1080056302921134_BXuIbML7', 1766016000000);
UPDATE attention SET acked_risk = 'deletes', acked_renews = 0 WHERE workspace = 'w';
