subscription_id        = "00000000-0000-0000-0000-000000000000"
environment            = "prod"
admin_group_object_ids = ["11111111-1111-1111-1111-111111111111"]

node_pools = {
  user = {
    vm_size   = "Standard_D8ds_v5"
    min_count = 3
    max_count = 24
    labels    = { "shop.example/tier" = "services" }
  }
  spot = {
    vm_size   = "Standard_D4ads_v5"
    min_count = 0
    max_count = 4
    spot      = true
    labels    = { "shop.example/tier" = "batch" }
  }
}

tags = {
  owner       = "platform-team"
  cost-center = "4711"
}
