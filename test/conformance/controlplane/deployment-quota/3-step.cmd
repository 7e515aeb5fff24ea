scale deployment/api --replicas=1
