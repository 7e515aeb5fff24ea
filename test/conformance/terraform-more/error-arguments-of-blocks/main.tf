variable "a" {
  type = strin
  defalt = 1
}
output "x" { vale = 1 }
resource "terraform_data" "a" {
  inpt = 1
  lifecycle {
    ignore_change = []
    prevent_destroy = "maybe"
  }
  provisionr "x" {}
}
