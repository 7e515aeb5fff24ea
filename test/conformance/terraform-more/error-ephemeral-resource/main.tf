ephemeral "random_password" "p" { length = 12 }
resource "terraform_data" "a" { input = ephemeral.random_password.p.result }
output "x" { value = ephemeral.random_password.p.result }
