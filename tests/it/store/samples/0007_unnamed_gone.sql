-- It adds an index: there is nothing to put in.
SELECT 1;
