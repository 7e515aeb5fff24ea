variable "v" { type = string }
resource "terraform_data" "a" {
  for_each = toset(["x"])
  input = each.key
  lifecycle { prevent_destroy = true }
}
output "o" { sensitive = false }
module "m" { b = 3 }
output "n" { value = 1 }
