-- What version 31 added.
UPDATE workspace SET pruned = '{"messages":3}' WHERE workspace = 'w';
