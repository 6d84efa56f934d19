-- What version 4 added.
UPDATE change SET rejected = 1, glass_request = 1, glass_by_id = '17', glass_by_name = 'alice', glass_at_ms = 1700000000000,
    glass_reason = 'it could not wait', glass_ticket = 'OPS-42' WHERE workspace = 'w' AND number = 1;
INSERT INTO request VALUES
    ('w', 2, 2, 'unsubscribe', 1700000000002, 2, 2,
     '[{"edition":"platinum"},{"action":"downgrade"},{"at":"2026-01-01T00:00:00Z"},{"switch":"off"}]', 'used', 'reminded');
INSERT INTO approval VALUES ('w', 2, 1, '18', 'bob', 1700000000002, 'blue'), ('w', 2, 2, '19', 'carol', 1700000000003, NULL);
INSERT INTO look VALUES ('w', 'MQ_INST_1080056302921134_BXuIbML7', 1, '17', 'alice', 1700000000000);
INSERT INTO wake VALUES ('w', 2, 1700000000009) ON CONFLICT (workspace, change_number) DO UPDATE SET at_ms = excluded.at_ms;
