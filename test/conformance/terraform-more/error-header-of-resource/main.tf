resource "terraform_data" 1 / 0 {
  count = 1
  input = 1
}
