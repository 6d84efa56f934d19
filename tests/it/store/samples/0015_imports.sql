INSERT INTO import VALUES
    ('w', 1, 'list.json', 1766016000000, 1766016000000, '17', 'alice', NULL, '{"new":1,"changed":0,"unchanged":0,"conflicting":0,"skipped":0,"refused":0,"missing":0}', NULL, NULL, NULL, NULL),
    ('w', 2, 'list.json', 1766102400000, 1766102400000, '17', 'alice', 'cn-hangzhou', '{"new":0,"changed":0,"unchanged":1,"conflicting":0,"skipped":0,"refused":0,"missing":0}',
     '["MQ_INST_1080056302921134_BXuIbML7"]', 1766188800000, '18', 'bob');
INSERT INTO import_change VALUES ('w', 1, 'MQ_INST_1080056302921134_BXuIbML7', NULL, '{"name":"orders","team":null,"channel":null,"described_ms":null,"facts":[]}');
INSERT INTO import_seen VALUES ('w', 1, 2, '{}', '{"expires":{"at":"2025-12-19T00:00:00Z","by":{"id":"17","name":"alice"}}}');
UPDATE instance SET seen_import = 1 WHERE workspace = 'w' AND id = 'MQ_INST_1080056302921134_BXuIbML7';
