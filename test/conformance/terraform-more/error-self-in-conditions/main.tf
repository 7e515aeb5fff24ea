resource "terraform_data" "a" {
  input = 1
  lifecycle {
    precondition {
      condition     = self.input == 1
      error_message = "x"
    }
    postcondition {
      condition     = terraform_data.a.input == 1
      error_message = "x"
    }
  }
}
