scale replicaset/web --replicas=0
