label pods -l app=other app=web --overwrite
