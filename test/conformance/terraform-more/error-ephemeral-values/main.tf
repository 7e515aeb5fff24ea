variable "t" {
  default   = "x"
  ephemeral = true
}
output "o" { value = var.t }
output "p" {
  value     = 1
  ephemeral = true
}
resource "terraform_data" "a" { count = var.t == "x" ? 1 : 0 }
