INSERT INTO card (workspace, change_number, channel, wanted, message) VALUES ('local', 1, 'console', 'card:1:4', 'm1');
