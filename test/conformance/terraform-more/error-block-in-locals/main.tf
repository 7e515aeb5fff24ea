locals {
  c = "${local.b}-c"
  a = "a"
}
locals {
  b    = "${local.a}-b"
  tags = merge(local.base, { env = "prod" })
  base = { owner = "platform", env = "none" }
output "c" { value = local.c }
output "tags" { value = local.tags }
