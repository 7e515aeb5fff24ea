resource "terraform_data" "a" {
  depends_on = [var.x]
  count = 1
  input = 1
}
