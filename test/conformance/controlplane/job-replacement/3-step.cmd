patch job j --type merge -p '{"spec":{"parallelism":1}}'
