module "a" {
  source = "./a"
  n = 1
}
module "b" {
  source = "./a"
  count = 1
  n = 2
}
module "e" {
  source = "./a"
  for_each = toset(["a"])
  n = each.key
}
resource "terraform_data" "t" {}
resource "terraform_data" "c" { count = 1 }
output "x" { value = module.a[0] }
