set image statefulset/db app=registry.example.com/app:2
