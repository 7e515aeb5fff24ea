variable "n" {
  default   = 2
  sensitive = ["a"]
}
resource "terraform_data" "a" { count = var.n }
output "x" { value = terraform_data.a[0].id }
