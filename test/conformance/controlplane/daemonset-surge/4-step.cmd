rollout undo daemonset/agent
