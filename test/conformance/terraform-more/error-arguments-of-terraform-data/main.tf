resource "terraform_data" "a" {
  input = 1
  inputt = 2
  nested { x = 1 }
}
resource "terraform_data" "a-b" {}
output "x" { value = terraform_data.a.outputt }
output "y" { value = terraform_data.a.input.foo }
output "z" { value = terraform_data.a.triggers_replace[0] }
output "w" { value = terraform_data.a["q"] }
output "v" { value = terraform_data.a.id.foo }
