variable "n" {
  default   = 2
  sensitive = true
}
resource "terraform_data" "a" { count = var.n }
output "x" { value = terraform_data.a[0].id }
