variable "a" {}
variable "b" { default = 1 }
output "x" { value = var.a }
