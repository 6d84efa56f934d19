-- As a version that knows the setting writes it.

INSERT INTO setting (workspace, key, value, set_by_id, set_by_name, set_at_ms) VALUES
    ('names', 'observers', '3', '17', 'alice', 1766016000000);
