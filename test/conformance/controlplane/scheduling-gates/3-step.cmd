patch pod p --type json -p '[{"op":"remove","path":"/spec/schedulingGates"}]'
