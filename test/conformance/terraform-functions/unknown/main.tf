
resource "terraform_data" "a" { input = timestamp() }
resource "terraform_data" "c" { count = 2 }
resource "terraform_data" "e" { for_each = toset(["k1", "k2"]) }
locals { u = terraform_data.a.id }
