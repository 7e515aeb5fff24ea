variable "1a" { default = 1 }
resource "terraform_data" "a b" {}
output "x y" { value = 1 }
variable "source" { default = 1 }
locals { "x" = 1 }
