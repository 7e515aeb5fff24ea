module "a" {
  source = "./a"
  n = each.key
}
