resource "terraform_data" "a" {
  count = count.index
}
locals { x = each.key }
output "y" { value = self.id }
