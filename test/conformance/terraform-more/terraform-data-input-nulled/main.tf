variable "n" {
  default = 1
}
variable "keys" {
  default = ["a","b"]
}
variable "secret" {
  default   = "s1"
  sensitive = true
}
locals {
  base = "b1"
  obj  = { x = var.n, y = [local.base, "z"], n = null }
}
resource "terraform_data" "r0" {
  input = null
}
resource "terraform_data" "r1" {
  input = 42
}
resource "terraform_data" "r2" {
  for_each = toset(var.keys)
  input = each.value
  depends_on = [terraform_data.r1]
}
module "m" {
  source = "./m"
  
  v = { for k, v in terraform_data.r2 : k => v.input }
}
output "mod" {
  value = module.m
  sensitive = true
}
output "o0" {
  value = [for k in var.keys : upper(k)]
  sensitive = true
}
output "o1" {
  value = "p-${terraform_data.r0.id}"
  sensitive = true
}
output "o2" {
  value = "p-${terraform_data.r0.id}"
  sensitive = true
}
output "o3" {
  value = "lit"
  sensitive = true
}
check "c" {
  assert {
    condition     = terraform_data.r0.output == 42
    error_message = "c ${var.n}"
  }
}
