label node aks-user-1-vmss000000 example.com/rack=a gpu=yes
