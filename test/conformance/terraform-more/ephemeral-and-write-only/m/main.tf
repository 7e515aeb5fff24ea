variable "p" { ephemeral = true }
output "x" {
  value = var.p
  ephemeral = true
}
locals { l = length(var.p) }
