label node aks-user-1-vmss000000 agentpool=other --overwrite
patch daemonset agent --type merge -p '{"spec":{"template":{"spec":{"nodeSelector":{"agentpool":"user"}}}}}'
