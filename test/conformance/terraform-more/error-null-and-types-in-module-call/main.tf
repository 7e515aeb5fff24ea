module "m" {
  source = "./m"
  a = null
  b = ["x"]
  c = "z"
}
