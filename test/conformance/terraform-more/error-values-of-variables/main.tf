variable "a" { type = list(string) }
variable "b" { type = object({ x = number }) }
variable "c" {
  type = number
  sensitive = true
}
variable "d" { type = map(number) }
output "x" { value = [var.a, var.b] }
