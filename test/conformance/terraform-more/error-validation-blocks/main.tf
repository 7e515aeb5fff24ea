variable "a" {
  default = 1
  validation {
    condition     = var.a > 0 ? "yes" : "no"
    error_message = "x"
  }
}
variable "b" {
  default = 1
  validation {
    condition     = var.b > 5
    error_message = var.a
  }
}
variable "c" {
  default = "s"
  sensitive = true
  validation {
    condition     = length(var.c) > 5
    error_message = "bad ${var.c}"
  }
}
variable "d" {
  default = null
  validation {
    condition     = length(var.d) > 5
    error_message = "bad"
  }
}
variable "e" {
  default = "x"
  validation {
    condition     = can(regex("^[0-9]+$", var.e))
  }
}
