resource "terraform_data" "a" {
  count = 2
  input = { n = count.index, s = sensitive("x") }
}
locals {
  m = { for i, a in terraform_data.a : "k${i}" => a.input }
  ids = terraform_data.a[*].id
}
resource "terraform_data" "b" {
  for_each = local.m
  input = each.value
}
resource "terraform_data" "c" {
  input = [for k, b in terraform_data.b : b.input.n]
  triggers_replace = { ids = local.ids }
  depends_on = [terraform_data.b]
}
output "keys" { value = keys(terraform_data.b) }
output "n" { value = terraform_data.c.input }
output "join" { value = join(",", local.ids) }
output "s" {
  value = terraform_data.b["k0"].input
  sensitive = true
}
output "types" { value = [tolist(local.ids), toset(["a", terraform_data.a[0].id]), merge({ a = 1 }, { b = terraform_data.a[0].id })] }
output "cond" { value = terraform_data.a[0].id != null ? "y" : "n" }
output "tern" { value = true ? terraform_data.a[0].id : "x" }
output "len" { value = length(terraform_data.a[0].id) > 0 }
output "fmt" { value = "${terraform_data.a[0].id}-${1}" }
