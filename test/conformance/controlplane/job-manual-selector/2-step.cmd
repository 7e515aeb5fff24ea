create job k --image=registry.example.com/job:2
