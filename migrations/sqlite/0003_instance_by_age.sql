-- Whose action was seen longest ago comes first in a list by age.
CREATE INDEX instance_by_age ON instance (workspace, tracking, decisive_at_ms) WHERE decisive_at_ms IS NOT NULL;
