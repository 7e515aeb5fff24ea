scale statefulset/db --replicas=2
