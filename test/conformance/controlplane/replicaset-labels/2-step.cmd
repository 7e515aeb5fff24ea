label pods -l app=web app=other --overwrite
