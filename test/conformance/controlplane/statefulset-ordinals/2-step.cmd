patch statefulset db --type merge -p '{"spec":{"ordinals":{"start":6}}}'
