resource "terraform_data" "c" {
  count = 1
  input = count.index
}
resource "terraform_data" "f" {
  for_each = toset(["b", "c"])
  input    = each.key
}
module "m" {
  source = "./m"
  for_each = toset(["x"])
  lifecycle {
    prevent_destroy = "x"
  }
  v = each.key
}
resource "terraform_data" "single" { input = 1 }
resource "terraform_data" "ign" {
  input = 2
  lifecycle { ignore_changes = all }
}
resource "terraform_data" "trig" {
  input = "same"
  lifecycle { replace_triggered_by = [terraform_data.src.input, terraform_data.f["b"]] }
}
resource "terraform_data" "trig2" {
  input = "same"
  lifecycle { replace_triggered_by = [terraform_data.src.id] }
}
resource "terraform_data" "src" { input = "new" }
resource "terraform_data" "dep" {
  input = terraform_data.src.output
  triggers_replace = [terraform_data.src.output]
}
resource "terraform_data" "cbd" {
  triggers_replace = 2
  input = terraform_data.cbd_dep.id
  lifecycle { create_before_destroy = true }
}
resource "terraform_data" "cbd_dep" { triggers_replace = 2 }
moved {
  from = module.m["w"]
  to   = module.m["x"]
}
removed {
  from = module.gone
  lifecycle { destroy = false }
}
output "o" { value = { for k, v in module.m : k => v.o } }
output "n" { value = null }
output "l" { value = [null, 1] }
