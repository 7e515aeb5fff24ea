delete pod db-1
