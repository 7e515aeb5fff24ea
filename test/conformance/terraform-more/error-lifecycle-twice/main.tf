resource "terraform_data" "a" {
  lifecycle {
    ignore_changes = all
    ignore_changes = [x]
  }
  lifecycle {}
  depends_on = [terraform_data.zz, "terraform_data.b", var.q]
}
resource "terraform_data" "b" {
  lifecycle { replace_triggered_by = [terraform_data.zz, var.x, terraform_data.a.nope] }
}
