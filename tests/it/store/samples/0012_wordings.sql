-- What version 12 adds: a notice of what is gone, and one that was understood and is kept whole.
INSERT INTO notice (workspace, number, kind, text, message, source, likeness, ids, names, dates, understood, instances,
    received_ms, by_id, by_name, first, standing, verdict, duplicates, told) VALUES
    ('w', 4, 'gone', 'it has been released', NULL, 'console', 'c', '["MQ_INST_1080056302921134_BXuIbML7"]', '[]', '[]', NULL,
     '["MQ_INST_1080056302921134_BXuIbML7"]', 1700000000003, '17', 'alice', 'raised', 'raised', 'not-a-release', 0, 1),
    ('w', 5, 'release', 'it will be released', '{"units":[{"part":"body","text":"it will be released"}],"unread":[]}',
     'console', 'd', '["MQ_INST_1080056302921134_BXuIbML7"]', '[]', '["2026-01-08T00:00:00Z"]',
     '{"kind":"release","by":[{"taught":1}],"slots":{"instance":"MQ_INST_1080056302921134_BXuIbML7","release_date":"2026-01-08T00:00:00+00:00"},"vetoes":[]}',
     '["MQ_INST_1080056302921134_BXuIbML7"]', 1700000000004, '17', 'alice', 'raised', 'raised', 'no-proof', 0, 1);
INSERT INTO notice_instance VALUES
    ('w', 'MQ_INST_1080056302921134_BXuIbML7', 4, 0), ('w', 'MQ_INST_1080056302921134_BXuIbML7', 5, 0);
