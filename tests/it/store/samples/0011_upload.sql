INSERT INTO upload VALUES ('w', 1, 'import list.csv', 'list.csv', 1766016000000, x'69640a');
