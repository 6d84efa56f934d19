-- What a database of version 2 may hold besides: a trail, by somebody and by time, about something and about nothing.
INSERT INTO audit VALUES
    ('w', 1, 1700000000000, '17', 'alice', 'console', NULL, 'downgrade orders --by unsubscribe', 'allowed', '[]',
     'MQ_INST_1080056302921134_BXuIbML7', 2, '[{"kind":"downgrade-opened","route":"unsubscribe"}]', NULL, 0, ''),
    ('w', 2, 1700000000003, NULL, NULL, 'discord', '1234', 'delivery', 'sent', '["action-before-exit"]', NULL, NULL, '[]',
     'in the end', 0, '');
