-- Of which accounts a complete listing has instances, as JSON: of others it says nothing. NULL: of its whole region it says all.
ALTER TABLE import ADD COLUMN accounts TEXT;
