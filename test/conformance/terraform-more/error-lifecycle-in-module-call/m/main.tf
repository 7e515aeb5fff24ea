variable "v" {}
resource "terraform_data" "t" { input = var.v }
resource "terraform_data" "new" { input = terraform_data.t.output }
output "o" { value = terraform_data.t.output }
