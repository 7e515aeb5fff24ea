scale deployment anti --replicas=1
