variable "a" {
  type    = number
  default = "x"
}
variable "b" {
  type     = string
  default  = null
  nullable = false
}
variable "c" { default = foo.bar }
variable "d" { default = upper("x") }
