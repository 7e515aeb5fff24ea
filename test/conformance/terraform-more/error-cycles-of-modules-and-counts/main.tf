module "a" {
  source = "./m"
  x = module.b.o
}
module "b" {
  source = "./m"
  x = module.a.o
}
resource "terraform_data" "p" {
  count = length(terraform_data.q)
}
resource "terraform_data" "q" {
  count = length(terraform_data.p)
}
