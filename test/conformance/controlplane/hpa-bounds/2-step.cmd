scale deployment/api --replicas=6
