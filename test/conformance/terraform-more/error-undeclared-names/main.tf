module "m" {
  source = "./m"
}
data "terraform_remote_state" "r" {
  backend = "local"
  config = { path = "x" }
}
output "a" { value = var.nam }
variable "name" { default = 1 }
locals { foo = 1 }
output "b" { value = local.fooo }
output "c" { value = module.n.x }
output "d" { value = data.terraform_remote_state.q.outputs }
output "e" { value = terraform_remote_state.r.outputs }
output "f" { value = module.m.oo }
