variable "v" {
  type = number
  default = 1
  description = "d"
}
resource "terraform_data" "a" {
  count = 2
  input = count.index
  lifecycle {
    create_before_destroy = true
    precondition {
      condition = var.v == 1
      error_message = "x"
    }
  }
}
output "o" {
  value = var.v
  sensitive = true
}
module "m" {
  source = "./m"
  a = 1
  b = 2
}
