variable "n" { default = 3 }
resource "terraform_data" "a" {
  input = var.n
  lifecycle {
    precondition {
      condition     = var.n > 0
      error_message = "n must be positive"
    }
    postcondition {
      condition     = self.input == 3
      error_message = "input must stay 3"
    }
  }
}
output "n" {
  depends_on = [var.x]
  value = terraform_data.a.input
  precondition {
    condition     = terraform_data.a.input < 10
    error_message = "too big"
  }
}
