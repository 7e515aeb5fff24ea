resource "terraform_data" "zz" { input = 2 }
variable "v" { default = 1 }
locals { q = 1 }
output "o" { value = 1 }
module "m" { source = "./x" }
moved {
  from = terraform_data.x
  to = terraform_data.a
}
