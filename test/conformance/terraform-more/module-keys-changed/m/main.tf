variable "v" {}
resource "terraform_data" "in" {
  input = var.v
}
resource "terraform_data" "two" {
  count = 1
  input = terraform_data.in.output
}
output "id" {
  value = terraform_data.in.id
}
output "v" {
  value = [var.v, terraform_data.two[*].input]
}
