v5 = "a.auto.tfvars"
v6 = "a.auto.tfvars"
v7 = timestamp()