-- What version 3 adds: messages in every state, channels that wait, rest and fail, a lease.
INSERT INTO outbox VALUES
    ('w', 1, 'approval', 'ops', 'k1', 1700000000000, 2, '["MQ_INST_1080056302921134_BXuIbML7"]',
     '[{"person":{"id":"17","name":"alice"}},{"role":"approver"},{"team":"blue"}]', '{"text":"one"}', NULL, NULL,
     'sent', 1, NULL, 1700000000001, 'm1'),
    ('w', 2, 'alert', 'ops', 'k2', 1700000000000, NULL, '[]', '[]', '{"text":"two"}', 'gone', 'the channel is gone',
     'sending', 2, 'timed out', NULL, NULL),
    ('w', 3, 'reminder', 'gone', 'k3', 1700000000000, NULL, '[]', '[]', '{"text":"three"}', NULL, NULL,
     'moved', 1, 'the channel is gone', 1700000000002, NULL),
    ('w', 4, 'status', 'ops', 'k4', 1800000000000, NULL, '[]', '[]', '{"text":"four"}', NULL, NULL,
     'due', 0, NULL, NULL, NULL);
INSERT INTO lane VALUES ('w', 'ops', 2, 1700000000000, 0, 0), ('w', 'gone', NULL, NULL, 0, 1);
INSERT INTO lease VALUES ('delivery', 'somebody', 1700000030000, 1700000000000, NULL);
