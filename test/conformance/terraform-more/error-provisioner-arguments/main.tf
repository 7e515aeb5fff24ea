variable "a" {}
output "x" { value = var.a }
resource "terraform_data" "r" {
  input = var.a
  provisioner "local-exec" {
    command = "echo ${self.id} ${var.a}"
    nope = 1
  }
  connection { host = self.output }
}
resource "terraform_data" "s" {
  provisioner "local-exec" {
    command = terraform_data.r.idd
  }
}
