patch statefulset db --type merge -p '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}'
