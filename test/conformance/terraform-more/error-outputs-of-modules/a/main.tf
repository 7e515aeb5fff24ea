variable "n" {}
output "o" { value = { a = var.n } }
