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
resource "terraform_data" "r1" {
  for_each = { for k in var.keys : k => "v-${k}" }
  input = var.n
  lifecycle {
    create_before_destroy = true
  }
}
resource "terraform_data" "r2" {
  input = values(terraform_data.r1)[*].id
  lifecycle {
    ignore_changes = all
  }
  depends_on = [terraform_data.r1]
}
resource "terraform_data" "r3" {
  input = length(var.keys)
  lifecycle {
    create_before_destroy = true
    precondition {
      condition     = var.n >= 0
      error_message = "n ${var.n}"
    }
  }
}
module "m" {
  source = "./m"
  
  v = local.base
  depends_on = [terraform_data.r1]
}
output "mod" {
  value = module.m
  sensitive = true
}
output "o0" {
  value = try(terraform_data.r1["a"].output, "none")
  sensitive = true
}
output "o1" {
  value = keys(terraform_data.r1)
  sensitive = true
}
output "o2" {
  value = null
  sensitive = true
}
output "o3" {
  value = local.base
  sensitive = true
}
moved {
  from = terraform_data.r0
  to   = terraform_data.r5
}
resource "terraform_data" "r5" {
  input = 1
}
