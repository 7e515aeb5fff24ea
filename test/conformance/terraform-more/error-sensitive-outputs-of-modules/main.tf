module "a" {
  source = "./a"
  for_each = { x = 1, y = 2 }
  n = each.value
  list = [each.key]
}
module "b" {
  source = "./a"
  count = 2
  n = count.index
  list = module.a["x"].list
}
module "c" {
  source = "./a"
  n = "5"
  list = []
}
output "a" { value = module.a }
output "b" { value = module.b[*].obj.n }
output "c" { value = module.c }
output "d" { value = module.a["x"].secret }
