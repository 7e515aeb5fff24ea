module "a" {
  source = "./a"
  n = count.index
}
