scale deployment/api --replicas=7
