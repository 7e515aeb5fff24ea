variable "a" {
  default = 1
  validation {
    condition = var.a == local.b
    error_message = "x"
  }
}
locals { b = var.a }
output "x" { value = local.b }
