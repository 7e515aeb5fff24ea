drain aks-user-1-vmss000000 --ignore-daemonsets --timeout=5s
