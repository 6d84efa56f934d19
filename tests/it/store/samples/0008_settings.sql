-- What version 8 added.
INSERT INTO setting VALUES
    ('w', 'role approver', '["17","18"]', '17', 'alice', 1766016000000),
    ('w', 'team payments', '{"channel":"42","mention":null,"members":["18"]}', '17', 'alice', 1766016000000),
    ('w', 'zone', 'Europe/Berlin', '17', 'alice', 1766016000000);
