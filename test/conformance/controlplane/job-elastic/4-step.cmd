patch job j --type merge -p '{"spec":{"completions":4}}'
