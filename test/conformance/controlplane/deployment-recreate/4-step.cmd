set env deployment/api A=b
