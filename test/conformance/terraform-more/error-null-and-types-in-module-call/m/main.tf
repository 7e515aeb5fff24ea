variable "a" {
  type     = string
  nullable = false
}
variable "b" { type = map(string) }
variable "c" { type = number }
