variable "s" {
  default = "x"
}
resource "terraform_data" "a" { count = "x" }
resource "terraform_data" "b" { count = null }
resource "terraform_data" "c" { count = 1.5 }
resource "terraform_data" "d" { for_each = null }
resource "terraform_data" "e" { for_each = "x" }
resource "terraform_data" "f" { for_each = toset([1, 2]) }
resource "terraform_data" "g" { for_each = toset(["a", null]) }
