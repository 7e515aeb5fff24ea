variable "l" { default = [1, 2] }
resource "terraform_data" "c" {
  count = length(var.l)
  input = var.l[count.index + 1]
}
output "o" { value = [for i in range(2) : terraform_data.c[i].input] }
