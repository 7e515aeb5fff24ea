variable "a" {
  type     = string
  nullable = false
}
output self.id { value = var.a }
