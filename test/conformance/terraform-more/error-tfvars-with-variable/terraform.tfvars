a = [{ x = 1 }, { x = "b", y = null, z = { q = false } }]
b = { k = [1, "2", truex, null] }
c = ["3", 1, 2, 1]
d = [1, "true"]
e = { x = { y = 1 } }
g = "secret"
i = null
j = "false"
unused = 1
