variable "x" {
  default = 1
  validation {
    condition     = var.y > 1
    error_message = "bad"
  }
}
variable "y" { default = 2 }
variable "z" {
  default = "a"
  validation {
    condition     = length(var.z) > 5
    error_message = "too short"
  }
  validation {
    condition     = startswith(var.z, "q")
    error_message = "no q"
  }
}
output "z" { value = "${var.z}-1" }
