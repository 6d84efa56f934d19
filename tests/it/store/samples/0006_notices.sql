-- What version 6 adds: a notice of every standing, about an instance and about none.
INSERT INTO notice VALUES
    ('w', 1, 'release', 'it will be released', 'console', NULL, 'a', '["MQ_INST_1080056302921134_BXuIbML7"]', '[]',
     '["2026-01-08T00:00:00Z",null]', '["MQ_INST_1080056302921134_BXuIbML7"]', 1700000000000, '17', 'alice',
     'suppressed', 'suppressed', NULL, 'redundant-by-action', NULL,
     '{"action":{"by":{"id":"17","name":"alice"},"at":"2025-12-30T00:00:00Z","expiry":"2026-01-01T00:00:00Z"}}', 1, 0,
     1700000000000, NULL, NULL, NULL, NULL, NULL, 1767830400000),
    ('w', 2, 'release', 'it will be released', 'http', 'x-1', 'a', '["MQ_INST_1080056302921134_BXuIbML7"]', '[]', '[]',
     '["MQ_INST_1080056302921134_BXuIbML7"]', 1700000000001, '17', 'alice', 'duplicate', 'duplicate', 1,
     'redundant-by-action', NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('w', 3, 'other', 'hello', 'mail', NULL, 'b', '[]', '["orders"]', '[]', '[]', 1700000000002, '17', 'alice',
     'raised', 'raised', NULL, 'not-a-release', NULL, NULL, 0, 1, NULL, 1700000000002, 1700000000009, 'acknowledged',
     '18', 'bob', NULL);
INSERT INTO notice_instance VALUES
    ('w', 'MQ_INST_1080056302921134_BXuIbML7', 1, 1), ('w', 'MQ_INST_1080056302921134_BXuIbML7', 2, 0);
