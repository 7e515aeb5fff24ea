set image deployment/api app=registry.example.com/app:2
