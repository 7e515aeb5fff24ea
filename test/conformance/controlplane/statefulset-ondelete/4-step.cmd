scale statefulset/db --replicas=1
