run be-3 --image=registry.example.com/a:1
