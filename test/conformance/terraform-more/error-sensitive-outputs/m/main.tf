variable "s" {}
output "s" { value = "m-${var.s}" }
