rollout undo statefulset/db
