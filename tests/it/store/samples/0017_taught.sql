-- What version 17 adds: a wording that two taught and that was used, and one that was asked for.
INSERT INTO wording VALUES
    ('w', 1, 5, 'console', 'release', NULL, '["instance {instance} will be released on {release_date}"]', '[]',
     1700000000000, '17', 'alice', 1700000000001, '18', 'bob', NULL, 1, 1700000000002, NULL, NULL, NULL),
    ('w', 2, 4, 'http:relay', 'other', 'expiry', '["instance {instance} is fine"]', '["news"]',
     1700000000000, '17', 'alice', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL);
INSERT INTO wording_use VALUES ('w', 1, 5);
