annotate deployment api note=x
label deployment api tier=web
set resources deployment api --requests=cpu=200m
