delete node aks-user-1-vmss000000
