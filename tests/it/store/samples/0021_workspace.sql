INSERT INTO observed VALUES ('w', 'role', '77', -1, 1766016000000);
INSERT INTO workspace_concern VALUES ('w', 'import-stale', 1766016000000, 1);
