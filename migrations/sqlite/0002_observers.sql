-- The setting `attesters` is called `observers`, as everywhere else.
UPDATE setting SET key = 'observers' WHERE key = 'attesters';
