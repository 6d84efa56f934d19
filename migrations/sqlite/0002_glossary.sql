-- Two names follow the glossary: the setting `attesters` is `observers`, and what a notice stands at is its status.
UPDATE setting SET key = 'observers' WHERE key = 'attesters';
ALTER TABLE notice RENAME COLUMN standing TO status;
