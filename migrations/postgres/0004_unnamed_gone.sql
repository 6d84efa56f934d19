-- What calls an instance gone that is not tracked is told when it is, also where somebody has taken note of it.
CREATE INDEX notice_unnamed_gone ON notice (workspace, kind, instances, number) WHERE kind = 'gone' AND instances = '[]';
