locals {
  pools = { user = { size = "D8" }, sys = { size = "D4" } }
}
resource "terraform_data" "pool" {
  for_each = local.pools
  input    = "${each.key}:${each.value.size}"
}
resource "terraform_data" "zone" {
  for_each = toset(["2", "1"])
  input    = each.key == each.value
}
resource "terraform_data" "chained" {
  for_each = terraform_data.pool
  providers = { a = b }
  input    = each.value.input
}
output "pools" { value = { for k, r in terraform_data.pool : k => r.input } }
output "keys" { value = keys(terraform_data.zone) }
output "one" { value = terraform_data.pool["sys"].input }
