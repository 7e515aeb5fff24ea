variable "x" { default = 1 }
check "a" {}
check "b" {
  assert {
    condition = true
    error_message = "x"
  }
}
check "c" {
  assert {
    condition = var.x
    error_message = "x"
  }
}
