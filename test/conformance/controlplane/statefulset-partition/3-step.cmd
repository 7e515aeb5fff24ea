delete pod db-0
