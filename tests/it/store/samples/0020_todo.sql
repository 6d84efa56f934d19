-- What version 20 added.
UPDATE concern SET rank = 3, presses_ms = 1766620800000, team = 'payments', owner = 'team:payments' WHERE workspace = 'w';
INSERT INTO settled VALUES ('w', 1766016000000, 'MQ_INST_1080056302921134_BXuIbML7', 'expires');
UPDATE workspace SET digest_at_ms = 1766016000000 WHERE workspace = 'w';
