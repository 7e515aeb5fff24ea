delete pod big lost
label node aks-user-1-vmss000000 disk=ssd
