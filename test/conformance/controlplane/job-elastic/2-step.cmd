patch job j --type merge -p '{"spec":{"completions":5,"parallelism":5}}'
