variable "m" { default = { a = { n = 1 }, b = { n = 2 } } }
resource "terraform_data" "a" {
  for_each = { for k, v in var.m : k => v if v.n > 1 }
  input    = "${each.key}-${each.value.n}"
}
resource "terraform_data" "b" {
  for_each = terraform_data.a
  input    = each.value.input
}
resource "terraform_data" "c" {
  for_each = { x = terraform_data.a["b"].id }
  input    = each.value
}
resource "terraform_data" "d" {
  for_each = toset([])
  input = each.value
}
output "d" { value = terraform_data.d }
output "a" { value = { for k, v in terraform_data.a : k => v.input } }
output "vals" { value = values(terraform_data.b)[*].input }
output "c" { value = terraform_data.c["x"].input }
output "bad" { value = terraform_data.a["a"].input }
