variable "a" { type = list(object({ x = string, y = optional(list(number), [1]), z = optional(object({ q = optional(bool, true) }), {}) })) }
variable "b" { type = any }
variable "c" { type = set(number) }
variable "d" { type = tuple([string, bool]) }
variable "e" {
  type = map(map(string))
  default = {}
}
variable "f" {
  type = object({ a = any, b = list(any) })
  default = { a = [1, "x"], b = [1, "x"] }
}
variable "g" {
  type      = string
  sensitive = true
}
variable "h" {
  type = string
  default = null
}
variable "i" {
  type = number
  nullable = false
  default = 3
}
variable "j" { type = bool }
output "all" { value = [var.a, var.b, var.c, var.d, var.e, var.f, var.h, var.i, var.j] }
output "g" {
  value = var.g
  sensitive = true
}
