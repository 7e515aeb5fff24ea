variable "n" {
  default = 2
}
variable "keys" {
  default = ["b","c"]
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
  input = local.obj.y[0]
  triggers_replace = var.n
}
resource "terraform_data" "r1" {
  for_each = toset(var.keys)
  input = each.value
  lifecycle {
    ignore_changes = [triggers_replace]
    replace_triggered_by = [terraform_data.r0.input]
  }
}
resource "terraform_data" "r2" {
  for_each = { a = 1, b = local.base }
  input = each.value
  lifecycle {
    replace_triggered_by = [terraform_data.r0.id]
  }
}
resource "terraform_data" "r4" {
  input = { for k, v in terraform_data.r1 : k => v.input }
  lifecycle {
    replace_triggered_by = [terraform_data.r0]
  }
  depends_on = [terraform_data.r1]
}
module "m" {
  source = "./m"
  count = 2
  v = count.index
}
output "mod" {
  value = module.m
  sensitive = true
}
output "o0" {
  value = local.obj.y[0]
  sensitive = true
}
output "o1" {
  value = length(var.keys)
  sensitive = true
}
output "o2" {
  value = "lit"
  sensitive = true
}
output "o3" {
  value = terraform_data.r0.output
  sensitive = true
}
