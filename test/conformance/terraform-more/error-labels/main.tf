variable "a" "b" {}
resource "terraform_data" {}
output {}
data "x" "y" "z" {}
foo "x" {}
bar = 1
