rollout undo deployment/api
