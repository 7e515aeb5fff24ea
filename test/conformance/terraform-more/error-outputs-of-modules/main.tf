module "a" {
  source = "./a"
  n = 1
}
output "x" { value = module.a.missing }
output "y" { value = module.a.o.foo }
output "z" { value = module.a["k"].o }
output "w" { value = module.a[0] }
module "b" {
  source = "./a"
  count = 1
  n = each.key
}
output "v" { value = module.b.o }
