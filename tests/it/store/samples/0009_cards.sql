INSERT INTO card (workspace, change_number, channel, wanted, message) VALUES ('w', 1, 'console', 'card:1:4', 'm1');
