variable "secret" {
  type      = string
  sensitive = true
  default   = "s3cr3t"
}
variable "pools" {
  type = list(object({ name = string, size = optional(number, 3), zones = optional(set(string), []), tags = optional(map(string)) }))
  default = [{ name = "sys" }, { name = "user", size = 5, zones = ["2", "1"], tags = { a = "b" } }]
}
variable "m" {
  type    = map(any)
  default = { a = 1, b = "2" }
}
variable "nul" {
  type    = string
  default = null
}
variable "objnull" {
  type    = object({ a = string })
  default = null
}
variable "nums" {
  type    = set(number)
  default = [3, 1, 20, 100, 0.5, -1]
}
variable "slist" {
  type      = list(string)
  sensitive = true
  default   = ["a", "b"]
}
resource "terraform_data" "a" {
  input = "x"
}
resource "terraform_data" "c" {
  count = 2
}
resource "terraform_data" "e" {
  for_each = toset(["k1", "k2"])
}
locals {
  unk   = terraform_data.a.id
  unkn  = "pre-${terraform_data.a.id}"
  empty = []
  mixed = { a = 1, b = [true, { c = null }] }
  sens  = { a = sensitive("x"), b = 2 }
}
