patch resourcequota q --type merge -p '{"spec":{"hard":{"pods":"3"}}}'
