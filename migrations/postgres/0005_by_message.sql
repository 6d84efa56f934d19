-- What was deleted in the chat is looked for by its message.
CREATE INDEX card_by_message ON card (workspace, message);
CREATE INDEX outbox_asked ON outbox (workspace, kind, message) WHERE kind = 'approval';
