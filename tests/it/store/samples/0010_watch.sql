INSERT INTO watch (workspace, channel, since_ms, last_message) VALUES ('w', '43', 1766016000000, '1181200000000000009');
