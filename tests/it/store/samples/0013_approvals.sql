UPDATE change SET owners = '[{"id":"bob","name":"bob"}]' WHERE workspace = 'w';
