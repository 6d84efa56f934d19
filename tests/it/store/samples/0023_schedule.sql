-- What version 23 added.
UPDATE workspace SET due_ms = (SELECT MIN(due_ms) FROM schedule WHERE workspace = 'w') WHERE workspace = 'w';
