delete serviceaccount robot
scale deployment/api --replicas=3
