-- It adds indexes: there is nothing to put in.
SELECT 1;
