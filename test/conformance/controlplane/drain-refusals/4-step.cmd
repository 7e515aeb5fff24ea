drain aks-user-1-vmss000000 --ignore-daemonsets --delete-emptydir-data --force --timeout=5s
