patch job k --type merge -p '{"spec":{"completions":3}}'
delete job j --cascade=orphan
