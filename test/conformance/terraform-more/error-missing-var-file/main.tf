variable "a" { default = 1 }
output "x" { value = var.a }
