drain aks-user-1-vmss000000 --timeout=5s
