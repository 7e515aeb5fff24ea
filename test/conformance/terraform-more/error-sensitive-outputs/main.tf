variable "secret" {
  sensitive = true
  default = "x"
}
module "m" {
  source = "./m"
  s = var.secret
}
output "o" { value = { a = [module.m.s, 1] } }
output "n" { value = nonsensitive(module.m.s) }
output "k" { value = nonsensitive("x") }
output "r" {
  value = terraform_data.t.input
}
resource "terraform_data" "t" { input = { a = var.secret, b = 1 } }
output "r2" { value = terraform_data.t.input.b }
output "r3" { value = terraform_data.t.output }
resource "terraform_data" "u" { count = length(var.secret) }
output "u" { value = terraform_data.u[*].id }
