terraform {
  required_version = "abc"
  required_providers {
    azurerm = { source = "a/b/c/d" }
    random = "~> 3.0"
    foo = { sourc = "x" }
  }
  backend "local" {}
  backend "s3" {}
  nope {}
}
