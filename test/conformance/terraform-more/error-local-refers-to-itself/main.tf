locals { a = local.a }
output "x" { value = local.a }
