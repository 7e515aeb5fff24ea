a = { x = 1 }
b = { x = "q" }
c = "no"
d = { a = 1, b = "z" }
