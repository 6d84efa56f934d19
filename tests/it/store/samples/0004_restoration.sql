INSERT INTO restoration (workspace, state_ms, restored_ms, last_outbox, last_notice) VALUES
    ('w', 1766016000000, 1766016500000, 9, 1005);
