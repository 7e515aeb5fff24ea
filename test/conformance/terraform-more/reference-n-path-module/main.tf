module "a" {
  source = "./a"
  n = path.module
}
