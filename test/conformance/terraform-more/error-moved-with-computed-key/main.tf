resource "terraform_data" "new" { input = 1 }
resource "terraform_data" "list" {
  for_each = toset(["a", "b"])
  input    = each.key == "a" ? 0 : 1
}
module "renamed" { source = "./m" }
moved {
  from = terraform_data.old
  to   = terraform_data.new
}
moved {
  from = terraform_data.list[0]
  to   = terraform_data.list[module]
}
moved {
  from = terraform_data.list[1]
  to   = terraform_data.list["b"]
}
moved {
  from = module.m
  to   = module.renamed
}