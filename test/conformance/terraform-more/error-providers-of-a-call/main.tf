module "m" {
  source = "./m"
  providers = { azurerm.x = azurerm.y, random = random, time.z = time }
}
