module "a" {
  source = "./a"
  x = "ok"
}
