-- What a database may hold: every table, every kind of state.

INSERT INTO workspace (workspace, next_change, tracked, open_changes, events, policy, imported_at_ms, paused, digest_at_ms, due_ms, send_ms, pruned) VALUES
    ('names', 1, 0, 0, 0, NULL, NULL, 0, NULL, 0, NULL, NULL),
    ('other', 1, 1, 0, 0, NULL, NULL, 0, NULL, 0, NULL, NULL),
    ('w', 3, 1, 1, 3, NULL, 1700000000000, 0, 1766016000000, 0, 1700000000000, '{"messages":3}');

INSERT INTO instance (workspace, id, name, region, team, described_at_ms, tracking, edition, expires_at_ms, action, commodity_id, decisive_at_ms, name_key, look_key, account, seen_import, document, other_commodity_id) VALUES
    ('names', 'MQ_INST_1080056302921134_AAAA1111', 'Orders', 'cn-hangzhou', NULL, NULL, 'tracked', NULL, NULL, NULL, NULL, NULL, 'orders', 'orders', '1080056302921134', NULL, '{"v":1,"data":{"id":"MQ_INST_1080056302921134_AAAA1111","name":"Orders","region":"cn-hangzhou","words":[]}}', NULL),
    ('names', 'MQ_INST_2080056302921134_CCCC3333', 'orders', 'cn-hangzhou', NULL, NULL, 'tracked', NULL, NULL, NULL, NULL, NULL, 'orders', 'orders', '2080056302921134', NULL, '{"v":1,"data":{"id":"MQ_INST_2080056302921134_CCCC3333","name":"orders","region":"cn-hangzhou","words":[]}}', NULL),
    ('other', 'MQ_INST_1080056302921134_BXuIbML7', 'orders', 'eu-west-1', NULL, NULL, 'tracked', NULL, NULL, NULL, NULL, NULL, 'orders', 'orders', '1080056302921134', NULL, '{"v":1,"data":{"id":"MQ_INST_1080056302921134_BXuIbML7","name":"orders","region":"eu-west-1","words":[]}}', NULL),
    ('w', 'MQ_INST_1080056302921134_BXuIbML7', 'orders', 'cn-hangzhou', 'blue', 1767225600000, 'tracked', 'platinum', 1767225600000, 'downgrade', 'ons-cn-0pp1abc2d34', 1700000000000, 'orders', 'orders', '1080056302921134', 1, '{"v":1,"data":{"id":"MQ_INST_1080056302921134_BXuIbML7","name":"orders","region":"cn-hangzhou","team":"blue","channel":"ops","described_at":"2026-01-01T00:00:00Z","words":[{"source":"attested","by":{"id":"17","name":"alice"},"at":"2023-11-14T22:13:20Z"},{"source":"imported","by":{"id":"17","name":"alice"},"at":"2023-11-14T22:13:20Z"},{"source":"derived","by":{"id":"17","name":"alice"},"at":"2023-11-14T22:13:20Z"},{"source":"imported","by":{"id":"18","name":"bob"},"at":"2023-11-14T22:13:20.001Z"}],"edition":{"known":["platinum",0]},"expires":{"known":["2026-01-01T00:00:00Z",1]},"action":{"known":["downgrade",2]},"auto_renew":{"known":["off",0]},"busy":{"unknown":["said-unknown","2023-11-14T22:13:20Z"]},"max_tps":{"contradictory":[[5000,0],[6000,3]]},"commodity_id":{"known":["ons-cn-0pp1abc2d34",0]},"looks":[{"by":{"id":"17","name":"alice"},"at":"2023-11-14T22:13:20Z"}],"action_hearsay":["delete",1],"at_expiry":"converts"}}', NULL),
    ('w', 'MQ_INST_1080056302921134_BXuIbML8', 'old', 'cn-hangzhou', NULL, NULL, 'lost', NULL, NULL, NULL, NULL, NULL, 'old', 'old', '1080056302921134', NULL, '{"v":1,"data":{"id":"MQ_INST_1080056302921134_BXuIbML8","name":"old","region":"cn-hangzhou","tracking":{"lost":{"at":"2023-11-14T22:13:20Z","by":{"id":"17","name":"alice"},"reason":"it was deleted"}},"words":[]}}', NULL);

INSERT INTO change (workspace, number, instance_id, status, document) VALUES
    ('w', 1, 'MQ_INST_1080056302921134_BXuIbML8', 'failed', '{"v":1,"data":{"number":1,"kind":"upgrade","status":{"failed":{"lost":"it was deleted"}},"opened_by":{"id":"17","name":"alice"},"opened_at":"2020-09-13T12:26:40Z","owners":[],"ended_at":"2023-11-14T22:13:20Z","records":[],"request":null,"emergency_override":{"request":1,"by":{"id":"17","name":"alice"},"at":"2023-11-14T22:13:20Z","reason":"it could not wait","ticket":"OPS-42"},"permit":null,"unsettled":{"step":"upgrade","in_doubt":true},"acknowledgement":null,"decided_on":{"edition":"unknown","action":"unknown","expires":"unknown","auto-renew":"unknown"},"before_standard":null}}'),
    ('w', 2, 'MQ_INST_1080056302921134_BXuIbML7', 'open', '{"v":1,"data":{"number":2,"kind":{"downgrade":"unsubscribe"},"status":"open","opened_by":{"id":"17","name":"alice"},"opened_at":"2023-11-14T22:13:20Z","owners":[{"id":"18","name":"bob"}],"ended_at":null,"records":[{"step":"set-action","how":"confirmed","by":{"id":"17","name":"alice"},"at":"2023-11-14T22:13:20.002Z","evidence":"https://example.com/proof"}],"request":{"serial":2,"step":"unsubscribe","asked_at":"2023-11-14T22:13:20.002Z","needed":2,"attesters":2,"basis":{"facts":{"edition":{"edition":"platinum"},"action":{"action":"downgrade"},"expires":{"at":"2026-01-01T00:00:00Z"},"auto-renew":{"switch":"off"}},"row":null},"state":"used","told":"reminded","approvals":[{"by":{"id":"18","name":"bob"},"at":"2023-11-14T22:13:20.002Z","team":"blue"}]},"emergency_override":null,"permit":{"serial":3,"step":"unsubscribe","holder":{"id":"17","name":"alice"},"shown_at":"2023-11-14T22:13:20.003Z","state":"out"},"unsettled":null,"acknowledgement":{"max_tps":6000,"by":{"id":"18","name":"bob"},"at":"2023-11-14T22:13:20.001Z"},"decided_on":{"edition":{"edition":"platinum"},"action":{"action":"downgrade"},"expires":{"at":"2026-01-01T00:00:00Z"},"auto-renew":{"switch":"off"}},"before_standard":null}}');

INSERT INTO event (workspace, seq, instance_id, change_number, at_ms, by_id, by_name, data) VALUES
    ('w', 1, 'MQ_INST_1080056302921134_BXuIbML7', NULL, 1600000000000, '17', 'alice', '[{"kind":"tracked"}]'),
    ('w', 2, 'MQ_INST_1080056302921134_BXuIbML7', 2, 1700000000000, '17', 'alice', '[{"kind":"downgrade-opened","route":"unsubscribe"}]'),
    ('w', 3, 'MQ_INST_1080056302921134_BXuIbML7', 2, 1700000000003, NULL, NULL, '[{"kind":"permit-shown","step":"unsubscribe"}]');

INSERT INTO audit (workspace, seq, at_ms, by_id, by_name, surface, message, said, outcome, rules, instance_id, change_number, events, detail, keyed, hash) VALUES
    ('w', 1, 1700000000000, '17', 'alice', 'console', NULL, 'downgrade orders --by unsubscribe', 'allowed', '[]', 'MQ_INST_1080056302921134_BXuIbML7', 2, '[{"kind":"downgrade-opened","route":"unsubscribe"}]', NULL, 0, ''),
    ('w', 2, 1700000000003, NULL, NULL, 'discord', '1234', 'delivery', 'sent', '["action-before-exit"]', NULL, NULL, '[]', 'in the end', 0, '');

INSERT INTO outbox (workspace, id, kind, channel, key, due_ms, change_number, instances, mentions, payload, moved_from, moved_why, state, attempts, last_error, done_ms, message) VALUES
    ('w', 1, 'approval', 'ops', 'k1', 1700000000000, 2, '["MQ_INST_1080056302921134_BXuIbML7"]', '[{"person":{"id":"17","name":"alice"}},{"role":"approver"},{"team":"blue"}]', '{"text":"one"}', NULL, NULL, 'sent', 1, NULL, 1700000000001, 'm1'),
    ('w', 2, 'alert', 'ops', 'k2', 1700000000000, NULL, '[]', '[]', '{"text":"two"}', 'gone', 'the channel is gone', 'sending', 2, 'timed out', NULL, NULL),
    ('w', 3, 'reminder', 'gone', 'k3', 1700000000000, NULL, '[]', '[]', '{"text":"three"}', NULL, NULL, 'moved', 1, 'the channel is gone', 1700000000002, NULL),
    ('w', 4, 'status', 'ops', 'k4', 1800000000000, NULL, '[]', '[]', '{"text":"four"}', NULL, NULL, 'due', 0, NULL, NULL, NULL);

INSERT INTO channel_queue (workspace, channel, head, next_ms, retry_at_ms, told, waiting) VALUES
    ('w', 'gone', NULL, NULL, 0, 1, 0),
    ('w', 'ops', 2, 1700000000000, 0, 0, 2);

INSERT INTO lease (name, holder, until_ms, seen_ms, before_ms) VALUES
    ('delivery', 'somebody', 1700000030000, 1700000000000, NULL);

INSERT INTO reminder (workspace, instance_id, of_ms, level, due_ms, state, reason, at_ms, key) VALUES
    ('w', 'MQ_INST_1080056302921134_BXuIbML7', 1767225600000, 'expiry-336h', 1766016000000, 'posted', NULL, 1766016000000, 'k3'),
    ('w', 'MQ_INST_1080056302921134_BXuIbML7', 1767225600000, 'expiry-720h', 1764633600000, 'skipped', 'nearer', 1766016000000, NULL);

INSERT INTO attention (workspace, instance_id, of_ms, acked_by_id, acked_by_name, acked_at_ms, snoozed_by_id, snoozed_by_name, snoozed_until_ms, snoozed_level, acked_risk, acked_renews) VALUES
    ('w', 'MQ_INST_1080056302921134_BXuIbML7', 1767225600000, '17', 'alice', 1766016000000, '18', 'bob', 1766059200000, 'expiry-336h', 'deletes', 0);

INSERT INTO notice (workspace, number, kind, text, message, source, external_id, likeness, ids, names, dates, understood, instances, received_ms, by_id, by_name, first, standing, original, verdict, because, proof, duplicates, told, suppressed_ms, raised_ms, settled_ms, settled_how, settled_id, settled_name) VALUES
    ('w', 1, 'release', 'it will be released', NULL, 'console', NULL, 'a', '["MQ_INST_1080056302921134_BXuIbML7"]', '[]', '["2026-01-08T00:00:00Z",null]', NULL, '["MQ_INST_1080056302921134_BXuIbML7"]', 1700000000000, '17', 'alice', 'suppressed', 'suppressed', NULL, 'redundant-by-action', NULL, '{"action":{"by":{"id":"17","name":"alice"},"at":"2025-12-30T00:00:00Z","expiry":"2026-01-01T00:00:00Z"}}', 1, 0, 1700000000000, NULL, NULL, NULL, NULL, NULL),
    ('w', 2, 'release', 'it will be released', NULL, 'http', 'x-1', 'a', '["MQ_INST_1080056302921134_BXuIbML7"]', '[]', '[]', NULL, '["MQ_INST_1080056302921134_BXuIbML7"]', 1700000000001, '17', 'alice', 'duplicate', 'duplicate', 1, 'redundant-by-action', NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL),
    ('w', 3, 'other', 'hello', NULL, 'mail', NULL, 'b', '[]', '["orders"]', '[]', NULL, '[]', 1700000000002, '17', 'alice', 'raised', 'raised', NULL, 'not-a-release', NULL, NULL, 0, 1, NULL, 1700000000002, 1700000000009, 'acknowledged', '18', 'bob'),
    ('w', 4, 'gone', 'it has been released', NULL, 'console', NULL, 'c', '["MQ_INST_1080056302921134_BXuIbML7"]', '[]', '[]', NULL, '["MQ_INST_1080056302921134_BXuIbML7"]', 1700000000003, '17', 'alice', 'raised', 'raised', NULL, 'not-a-release', NULL, NULL, 0, 1, NULL, NULL, NULL, NULL, NULL, NULL),
    ('w', 5, 'release', 'it will be released', '{"units":[{"part":"body","text":"it will be released"}],"unread":[]}', 'console', NULL, 'd', '["MQ_INST_1080056302921134_BXuIbML7"]', '[]', '["2026-01-08T00:00:00Z"]', '{"kind":"release","by":[{"taught":1}],"slots":{"instance":"MQ_INST_1080056302921134_BXuIbML7","release_date":"2026-01-08T00:00:00+00:00"},"vetoes":[]}', '["MQ_INST_1080056302921134_BXuIbML7"]', 1700000000004, '17', 'alice', 'raised', 'raised', NULL, 'no-proof', NULL, NULL, 0, 1, NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO notice_instance (workspace, instance_id, number, open, rests) VALUES
    ('w', 'MQ_INST_1080056302921134_BXuIbML7', 1, 1, 1),
    ('w', 'MQ_INST_1080056302921134_BXuIbML7', 2, 0, 0),
    ('w', 'MQ_INST_1080056302921134_BXuIbML7', 4, 0, 0),
    ('w', 'MQ_INST_1080056302921134_BXuIbML7', 5, 0, 0);

INSERT INTO intake (workspace, key, id, received_ms, status, body) VALUES
    ('w', 'relay', 'id:1', 1700000000000, 202, '{"outcome":"raised","notice":1}');

INSERT INTO setting (workspace, key, value, set_by_id, set_by_name, set_at_ms) VALUES
    ('w', 'attesters', '1', '17', 'alice', 1766016000000),
    ('w', 'role approver', '["17","18"]', '17', 'alice', 1766016000000),
    ('w', 'team payments', '{"channel":"42","mention":null,"members":["18"]}', '17', 'alice', 1766016000000),
    ('w', 'zone', 'Europe/Berlin', '17', 'alice', 1766016000000);

INSERT INTO card (workspace, change_number, channel, wanted, message, told, requests) VALUES
    ('w', 1, 'console', 'card:1:4', 'm1', 4, '[{"request":1,"channel":"console","message":"m2","moved":[]}]');

INSERT INTO watch (workspace, channel, since_ms, last_message) VALUES
    ('w', '43', 1766016000000, '1181200000000000009');

INSERT INTO upload (workspace, id, line, name, modified_ms, bytes, taken_ms) VALUES
    ('w', 1, 'import list.csv', 'list.csv', 1766016000000, x'69640a', 0);

INSERT INTO import (workspace, number, label, facts_ms, taken_ms, by_id, by_name, region, counts, held, undone_ms, undone_id, undone_name) VALUES
    ('w', 1, 'list.json', 1766016000000, 1766016000000, '17', 'alice', NULL, '{"new":1,"changed":0,"unchanged":0,"conflicting":0,"skipped":0,"refused":0,"missing":0}', NULL, NULL, NULL, NULL),
    ('w', 2, 'list.json', 1766102400000, 1766102400000, '17', 'alice', 'cn-hangzhou', '{"new":0,"changed":0,"unchanged":1,"conflicting":0,"skipped":0,"refused":0,"missing":0}', '["MQ_INST_1080056302921134_BXuIbML7"]', 1766188800000, '18', 'bob');

INSERT INTO import_change (workspace, number, instance_id, before, after) VALUES
    ('w', 1, 'MQ_INST_1080056302921134_BXuIbML7', NULL, '{"v":1,"data":{"id":"MQ_INST_1080056302921134_BXuIbML7","name":"orders","region":"cn-hangzhou","team":"blue","channel":"ops","described_at":"2026-01-01T00:00:00Z","words":[{"source":"attested","by":{"id":"17","name":"alice"},"at":"2023-11-14T22:13:20Z"},{"source":"imported","by":{"id":"17","name":"alice"},"at":"2023-11-14T22:13:20Z"},{"source":"derived","by":{"id":"17","name":"alice"},"at":"2023-11-14T22:13:20Z"},{"source":"imported","by":{"id":"18","name":"bob"},"at":"2023-11-14T22:13:20.001Z"}],"edition":{"known":["platinum",0]},"expires":{"known":["2026-01-01T00:00:00Z",1]},"action":{"known":["downgrade",2]},"auto_renew":{"known":["off",0]},"busy":{"unknown":["said-unknown","2023-11-14T22:13:20Z"]},"max_tps":{"contradictory":[[5000,0],[6000,3]]},"commodity_id":{"known":["ons-cn-0pp1abc2d34",0]},"looks":[{"by":{"id":"17","name":"alice"},"at":"2023-11-14T22:13:20Z"}],"action_hearsay":["delete",1],"at_expiry":"converts"}}');

INSERT INTO import_seen (workspace, number, import, before, facts) VALUES
    ('w', 1, 2, '{}', '{"expires":{"at":"2025-12-19T00:00:00Z","by":{"id":"17","name":"alice"}}}');

INSERT INTO schedule (workspace, kind, subject, due_ms) VALUES
    ('names', 'instance', 'MQ_INST_1080056302921134_AAAA1111', 0),
    ('names', 'instance', 'MQ_INST_2080056302921134_CCCC3333', 0),
    ('other', 'instance', 'MQ_INST_1080056302921134_BXuIbML7', 0),
    ('w', 'change', '2', 1700000000009),
    ('w', 'digest', '', 1766368800000),
    ('w', 'instance', 'MQ_INST_1080056302921134_BXuIbML7', 0),
    ('w', 'notice', '1', 1767830400000),
    ('w', 'workspace', '', 0);

INSERT INTO concern (workspace, instance_id, kind, weight, since_ms, by_ms, rank, presses_ms, team, owner) VALUES
    ('w', 'MQ_INST_1080056302921134_BXuIbML7', 'action-unsure', 'open', 1766016000000, NULL, 3, 1766620800000, 'payments', 'team:payments');

INSERT INTO told (workspace, instance_id, at_ms) VALUES
    ('w', 'MQ_INST_1080056302921134_BXuIbML7', 1766016000000);

INSERT INTO wording (workspace, number, notice, source, kind, first_date, bodies, subjects, asked_ms, asked_id, asked_name, taught_ms, taught_id, taught_name, reason, uses, used_ms, forgotten_ms, forgotten_id, forgotten_name) VALUES
    ('w', 1, 5, 'console', 'release', NULL, '["instance {instance} will be released on {release_date}"]', '[]', 1700000000000, '17', 'alice', 1700000000001, '18', 'bob', NULL, 1, 1700000000002, NULL, NULL, NULL),
    ('w', 2, 4, 'http:relay', 'other', 'expiry', '["instance {instance} is fine"]', '["news"]', 1700000000000, '17', 'alice', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL);

INSERT INTO wording_use (workspace, wording, notice) VALUES
    ('w', 1, 5);

INSERT INTO heard (workspace, id, at_ms) VALUES
    ('w', '1576192151774035969', 1766016000000);

INSERT INTO settled (workspace, at_ms, instance_id, kind) VALUES
    ('w', 1766016000000, 'MQ_INST_1080056302921134_BXuIbML7', 'expires');

INSERT INTO observed (workspace, what, subject, members, at_ms) VALUES
    ('w', 'role', '77', -1, 1766016000000);

INSERT INTO workspace_concern (workspace, key, since_ms, told) VALUES
    ('w', 'import-stale', 1766016000000, 1);
