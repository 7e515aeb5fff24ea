resource "terraform_data" "a" {
  depends_on = [terraform_data.zz, module.q, var.q]
}
resource "terraform_data" "b" {
  lifecycle { replace_triggered_by = [terraform_data.a.nope] }
}
data "terraform_remote_state" "x" {
  backend = "local"
  depends_on = [terraform_data.a.id]
}
