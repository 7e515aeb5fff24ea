variable "b" { default = 0 }
output "ab" { value = [var.a, var.b] }