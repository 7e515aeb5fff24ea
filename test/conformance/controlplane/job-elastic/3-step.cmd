patch job j --type merge -p '{"spec":{"completions":2,"parallelism":2}}'
