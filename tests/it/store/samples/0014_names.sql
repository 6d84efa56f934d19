INSERT INTO instance (workspace, id, name, region, tracking, name_key, look_key, account) VALUES
    ('names', 'MQ_INST_1080056302921134_AAAA1111', 'Orders', 'cn-hangzhou', 'tracked', 'orders', 'orders', '1080056302921134'),
    ('names', 'MQ_INST_2080056302921134_CCCC3333', 'orders', 'cn-hangzhou', 'tracked', 'orders', 'orders', '2080056302921134');
