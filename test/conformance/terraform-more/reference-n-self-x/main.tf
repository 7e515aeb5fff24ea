module "a" {
  source = "./a"
  n = self.x
}
