-- What a database of version 1 may hold: every table, every kind of state.
INSERT INTO workspace VALUES ('w', 3, 1, 1, 3), ('other', 1, 1, 0, 0);

INSERT INTO instance VALUES
    ('w', 'MQ_INST_1080056302921134_BXuIbML7', 'orders', 'cn-hangzhou', 'blue', 'ops', 1767225600000, 'tracked', NULL, NULL, NULL, NULL,
     'converts', 'platinum', 1767225600000, 'downgrade', 'ons-cn-0pp1abc2d34'),
    ('w', 'MQ_INST_1080056302921134_BXuIbML8', 'old', 'cn-hangzhou', NULL, NULL, NULL, 'lost', 1700000000000, '17', 'alice',
     'it was deleted', NULL, NULL, NULL, NULL, NULL),
    ('other', 'MQ_INST_1080056302921134_BXuIbML7', 'orders', 'eu-west-1', NULL, NULL, NULL, 'tracked', NULL, NULL, NULL, NULL,
     NULL, NULL, NULL, NULL, NULL);

INSERT INTO fact (workspace, instance_id, kind, state, gap, since_ms) VALUES
    ('w', 'MQ_INST_1080056302921134_BXuIbML7', 'busy', 'unknown', 'said-unknown', 1700000000000),
    ('w', 'MQ_INST_1080056302921134_BXuIbML8', 'edition', 'unknown', 'never-said', NULL);
INSERT INTO fact (workspace, instance_id, kind, state, value, source, by_id, by_name, at_ms) VALUES
    ('w', 'MQ_INST_1080056302921134_BXuIbML7', 'edition', 'known', 'platinum', 'attested', '17', 'alice', 1700000000000),
    ('w', 'MQ_INST_1080056302921134_BXuIbML7', 'expires', 'known', '1767225600000', 'imported', '17', 'alice', 1700000000000),
    ('w', 'MQ_INST_1080056302921134_BXuIbML7', 'action', 'known', 'downgrade', 'derived', '17', 'alice', 1700000000000),
    ('w', 'MQ_INST_1080056302921134_BXuIbML7', 'action-hearsay', 'known', 'delete', 'imported', '17', 'alice', 1700000000000),
    ('w', 'MQ_INST_1080056302921134_BXuIbML7', 'auto-renew', 'known', 'off', 'attested', '17', 'alice', 1700000000000),
    ('w', 'MQ_INST_1080056302921134_BXuIbML7', 'commodity-id', 'known', 'ons-cn-0pp1abc2d34', 'attested', '17', 'alice', 1700000000000);
INSERT INTO fact VALUES
    ('w', 'MQ_INST_1080056302921134_BXuIbML7', 'max-tps', 'contradictory', NULL, NULL, '5000', 'attested', '17', 'alice',
     1700000000000, '6000', 'imported', '18', 'bob', 1700000000001);

INSERT INTO change VALUES
    ('w', 1, 'MQ_INST_1080056302921134_BXuIbML8', 'upgrade', NULL, 'failed', 'lost', 'it was deleted', '17', 'alice',
     1600000000000, 1700000000000, 'upgrade', 1, NULL, NULL, NULL, NULL, '["unknown","unknown","unknown","unknown"]'),
    ('w', 2, 'MQ_INST_1080056302921134_BXuIbML7', 'downgrade', 'unsubscribe', 'open', NULL, NULL, '17', 'alice',
     1700000000000, NULL, NULL, NULL, 6000, '18', 'bob', 1700000000001,
     '[{"edition":"platinum"},{"action":"downgrade"},{"at":"2026-01-01T00:00:00Z"},{"switch":"off"}]');
INSERT INTO change_step VALUES
    ('w', 2, 1, 'set-action', 'confirmed', NULL, '17', 'alice', 1700000000002, 'https://example.com/proof');
INSERT INTO permit VALUES ('w', 2, 3, 'unsubscribe', '17', 'alice', 1700000000003, 'out');

INSERT INTO event VALUES
    ('w', 1, 'MQ_INST_1080056302921134_BXuIbML7', NULL, 1600000000000, '17', 'alice', 'tracked', '{"kind":"tracked"}'),
    ('w', 2, 'MQ_INST_1080056302921134_BXuIbML7', 2, 1700000000000, '17', 'alice', 'downgrade-opened',
     '{"kind":"downgrade-opened","route":"unsubscribe"}'),
    ('w', 3, 'MQ_INST_1080056302921134_BXuIbML7', 2, 1700000000003, NULL, NULL, 'permit-shown',
     '{"kind":"permit-shown","step":"unsubscribe"}');
