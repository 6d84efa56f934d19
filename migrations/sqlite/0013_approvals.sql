-- What is approved is what is done: requests rest on the row, too, as the permit will name it.

-- Who else owned a change, as JSON; what only Platinum has, as it was before Standard was recorded, as JSON.
ALTER TABLE change ADD COLUMN owners TEXT NOT NULL DEFAULT '[]';
ALTER TABLE change ADD COLUMN before_standard TEXT;
UPDATE change SET owners = (
    SELECT json_array(json_object('id', holder_id, 'name', holder_name)) FROM permit
    WHERE permit.workspace = change.workspace AND permit.change_number = change.number
) WHERE EXISTS (
    SELECT 1 FROM permit WHERE permit.workspace = change.workspace AND permit.change_number = change.number
    AND permit.step IN ('upgrade', 'unsubscribe')
);

-- The expiry that was held when somebody said that it is not known.
ALTER TABLE instance ADD COLUMN unsaid_expires_ms INTEGER;

-- Which instances claim a commodity id, also where two sources disagree; which changes an instance has had.
CREATE INDEX fact_other_commodity ON fact (workspace, other_value)
WHERE kind = 'commodity-id' AND other_value IS NOT NULL;
CREATE INDEX change_of_instance ON change (workspace, instance_id, number);

-- Requests of before did not show the row: nobody has approved it. `next` asks again.
DELETE FROM approval WHERE EXISTS (
    SELECT 1 FROM request WHERE request.workspace = approval.workspace AND request.change_number = approval.change_number
    AND request.state = 'open' AND request.step IN ('upgrade', 'unsubscribe')
);
UPDATE request SET state = 'void' WHERE state = 'open' AND step IN ('upgrade', 'unsubscribe');

-- All names at one console are one person.
DELETE FROM approval WHERE workspace = 'local' AND EXISTS (
    SELECT 1 FROM request WHERE request.workspace = 'local' AND request.change_number = approval.change_number
    AND request.state = 'open'
);
UPDATE change SET opened_by_id = 'console' WHERE workspace = 'local';
UPDATE permit SET holder_id = 'console' WHERE workspace = 'local';
UPDATE change SET owners = '[]' WHERE workspace = 'local';
DELETE FROM look WHERE workspace = 'local' AND EXISTS (
    SELECT 1 FROM look AS later WHERE later.workspace = look.workspace AND later.instance_id = look.instance_id
    AND (later.at_ms > look.at_ms OR (later.at_ms = look.at_ms AND later.position > look.position))
);
UPDATE look SET by_id = 'console' WHERE workspace = 'local';
