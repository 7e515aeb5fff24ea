variable "a" {}
variable "b" {}
output "s" { value = [var.a, var.b] }
