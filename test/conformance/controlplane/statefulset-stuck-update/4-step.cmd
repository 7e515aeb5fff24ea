delete pod db-2
