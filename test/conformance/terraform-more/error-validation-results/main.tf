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
    error_message = "b ${var.a}"
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
  type = string
  default = null
  validation {
    condition     = length(var.d) > 5
    error_message = "bad"
  }
}
variable "e" {
  type = number
  default = 1
  validation {
    condition = var.e == null ? null : var.e > 3
    error_message = <<-EOT
      multi
      line ${var.e}
    EOT
  }
}
