variable "v" {
  validation {
    condition = var.v != ""
    error_message = "e"
  }
}
check "in" {
  assert {
    condition = var.v == "a"
    error_message = "v=${var.v}"
  }
}
output "o" {
  value = 1
  precondition {
    condition = var.v != "z"
    error_message = "e"
  }
}
