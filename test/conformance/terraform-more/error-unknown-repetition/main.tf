resource "terraform_data" "a" {
  for_each = { a = 1, b = terraform_data.x.id }
  input = each.value
}
resource "terraform_data" "x" {}
resource "terraform_data" "b" {
  for_each = { (terraform_data.x.id) = 1 }
  input = each.value
}
resource "terraform_data" "c" {
  count = terraform_data.x.id == "a" ? 1 : 0
}
resource "terraform_data" "d" {
  for_each = toset(["a", terraform_data.x.id])
}
resource "terraform_data" "e" {
  for_each = toset([for k in ["a"] : k if terraform_data.x.id != k])
}
module "m" {
  source = "./m"
  count = length(terraform_data.a) + length(terraform_data.x.id)
}
output "m" { value = module.m }
