module "a" {
  source = "./m"
  depends_on = [module.b]
}
module "b" {
  source = "./m"
  v = module.a.o
}
