variable "a" { type = list(string) }
variable "b" { type = number }
output "x" { value = var.a }
