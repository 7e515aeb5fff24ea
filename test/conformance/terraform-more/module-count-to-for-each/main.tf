variable "n" {
  default = 2
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
  for_each = { a = 1, b = local.base }
  input = each.key
  lifecycle {
    precondition {
      condition     = var.n >= 0
      error_message = "n ${var.n}"
    }
  }
}
resource "terraform_data" "r1" {
  input = var.n
}
resource "terraform_data" "r2" {
  input = local.base
  lifecycle {
    replace_triggered_by = [terraform_data.r1.id]
  }
}
resource "terraform_data" "r3" {
  input = terraform_data.r2.output
  triggers_replace = "t-${local.base}-${var.n}"
}
resource "terraform_data" "r4" {
  input = values(terraform_data.r0)[*].id
}
resource "terraform_data" "r5" {
  input = try(local.obj.nope, "fallback")
  lifecycle {
    replace_triggered_by = [terraform_data.r4.id]
  }
  depends_on = [terraform_data.r2]
}
resource "terraform_data" "r6" {
  for_each = { a = 1, b = local.base }
  input = var.n
  triggers_replace = keys(terraform_data.r0)
  lifecycle {
    replace_triggered_by = [terraform_data.r3]
    precondition {
      condition     = var.n >= 0
      error_message = "n ${var.n}"
    }
  }
}
module "m" {
  source = "./m"
  for_each = toset(var.keys)
  v = each.key
  depends_on = [terraform_data.r6]
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
  value = try(local.obj.nope, "fallback")
  sensitive = true
}
output "o2" {
  value = terraform_data.r5.input
  sensitive = true
}
output "o3" {
  value = "p-${terraform_data.r3.id}"
  sensitive = true
}
