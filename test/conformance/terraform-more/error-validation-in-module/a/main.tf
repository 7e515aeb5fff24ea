variable "x" {
  type = string
  validation {
    condition = length(var.x) > 5
    error_message = "too short: ${var.x}"
  }
}
output "o" {
  value = var.x
  precondition {
    condition = var.x != "ok"
    error_message = "nope"
  }
}
resource "terraform_data" "d" { input = var.x }
