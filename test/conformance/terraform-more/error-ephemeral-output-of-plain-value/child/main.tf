variable "x" {
  type     = number
  default  = 7
  nullable = false
}
variable "y" {
  type    = number
  default = 7
}
output "out" {
  ephemeral = true
  value = { x = var.x, y = var.y }
}
