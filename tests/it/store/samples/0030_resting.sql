UPDATE notice_instance SET rests = 0 WHERE workspace = 'nowhere';
