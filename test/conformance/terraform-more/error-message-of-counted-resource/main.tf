variable "x" { default = 5 }
resource "terraform_data" "a" {
  count = 2
  input = var.x
  lifecycle {
    precondition {
      condition     = var.x > 1
      error_message = "p"
    }
    postcondition {
      condition     = self.id != ""
      error_message = ["a"]
    }
  }
}
check "later" {
  assert {
    condition     = terraform_data.a[0].output == 5
    error_message = "z"
  }
  assert {
    condition     = var.x == 6
    error_message = "x is ${var.x}"
  }
}
output "o" {
  value = terraform_data.a[0].output
  precondition {
    condition     = terraform_data.a[0].output == 5
    error_message = "u"
  }
}
module "m" {
  source = "./m"
  for_each = toset(["a", "b"])
  v = each.key
}
