resource "terraform_data" "a" {
  input = 1
  lifecycle {
    ignore_changes = [nope, input.x, id]
    replace_triggered_by = [terraform_data.zz, var.x, terraform_data.b.nope]
    prevent_destroy = var.x
  }
}
variable "x" { default = true }
resource "terraform_data" "b" {}
