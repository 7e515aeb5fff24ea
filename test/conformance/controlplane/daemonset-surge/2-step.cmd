set image daemonset/agent app=registry.example.com/app:2
