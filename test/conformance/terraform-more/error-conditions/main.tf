variable "x" { default = 1 }
resource "terraform_data" "a" {
  lifecycle {
    precondition {
      condition     = var.x == 1 ? null : true
      error_message = "m"
    }
    postcondition {
      condition     = self.id == "a"
      error_message = "m2"
    }
  }
}
resource "terraform_data" "b" {
  input = 1
  lifecycle {
    postcondition {
      condition     = self.input == 2
      error_message = "input is ${self.input}"
    }
  }
}
output "o" {
  value = 1
  precondition {
    condition     = var.x > 5
    error_message = "too small: ${var.x}"
  }
}
