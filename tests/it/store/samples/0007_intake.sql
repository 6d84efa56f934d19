-- What version 7 adds: a notice that was answered.
INSERT INTO intake VALUES ('w', 'relay', 'id:1', 1700000000000, 202, '{"outcome":"raised","notice":1}');
