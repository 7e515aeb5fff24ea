delete pod be-1 hi-1
delete service s0
