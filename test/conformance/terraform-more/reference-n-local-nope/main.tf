module "a" {
  source = "./a"
  n = local.nope
}
