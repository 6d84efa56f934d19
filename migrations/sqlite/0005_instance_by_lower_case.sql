-- A text may have an id in another case, or cut, or with more behind it.
CREATE INDEX instance_by_lower_case ON instance (workspace, LOWER(id)) WHERE tracking = 'tracked';
