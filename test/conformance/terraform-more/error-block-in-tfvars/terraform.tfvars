a = foo
b = upper("x")
c {
}
