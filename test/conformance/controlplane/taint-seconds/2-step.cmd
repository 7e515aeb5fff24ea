taint node aks-user-1-vmss000000 k=v:NoExecute
