patch pod p --type json -p '[{"op":"replace","path":"/spec/schedulingGates","value":[{"name":"example.com/b"}]}]'
run r --image=registry.example.com/a:1
