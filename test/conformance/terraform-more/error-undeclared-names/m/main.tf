output "o" { value = var.x }
resource "terraform_data" "t" { input = local.y }
