variable "n" { type = number }
variable "list" { type = list(string) }
variable "secret" {
  default = "s"
  sensitive = true
}
resource "terraform_data" "t" {
  count = var.n > 1 ? 1 : 0
  input = var.n
}
output "obj" { value = { n = var.n, t = one(terraform_data.t[*].id) } }
output "list" { value = concat(var.list, ["z"]) }
output "secret" {
  value = var.secret
  sensitive = true
}
