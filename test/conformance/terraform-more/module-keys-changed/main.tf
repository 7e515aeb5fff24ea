variable "n" {
  default = 3
}
variable "keys" {
  default = ["a","b","c"]
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
  input = [for k in var.keys : upper(k)]
}
resource "terraform_data" "r1" {
  input = [for k in var.keys : upper(k)]
  triggers_replace = try(local.obj.nope, "fallback")
}
resource "terraform_data" "r2" {
  input = { a = 1, b = [true, null] }
  triggers_replace = "p-${terraform_data.r0.id}"
}
resource "terraform_data" "r3" {
  count = var.n > 1 ? 1 : 0
  input = "${count.index}-${local.base}"
  lifecycle {
    replace_triggered_by = [terraform_data.r2.id]
  }
}
resource "terraform_data" "r4" {
  count = length(var.keys)
  input = "${count.index}-${local.base}"
}
module "m" {
  source = "./m"
  for_each = toset(var.keys)
  v = each.key
}
output "mod" {
  value = module.m
  sensitive = true
}
output "o0" {
  value = 42
  sensitive = true
}
output "o1" {
  value = local.obj.y[0]
  sensitive = true
}
output "o2" {
  value = 42
  sensitive = true
}
output "o3" {
  value = length(terraform_data.r3)
  sensitive = true
}
check "c" {
  assert {
    condition     = var.n > 1
    error_message = "c ${var.n}"
  }
}
