resource "terraform_data" "a" {}
removed {
  from = terraform_data.a
  lifecycle { destroy = false }
}
removed {
  from = terraform_data.b
}
removed { from = terraform_data.c["x"] }
moved {
  from = terraform_data.q
  to = module.z.terraform_data.q
}
moved {
  from = terraform_data.q
  to = null_resource.q
}
moved {
  from = terraform_data.k
}
