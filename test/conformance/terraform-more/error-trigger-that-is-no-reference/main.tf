resource "terraform_data" "version" { input = 2 }
resource "terraform_data" "a" {
  input            = "x"
  triggers_replace = [2]
  lifecycle { create_before_destroy = true }
}
resource "terraform_data" "b" {
  input = "x"
  lifecycle { replace_triggered_by = [resource.version] }
}
