/**
 * The private DNS zone that carries the name of a private endpoint, by azurerm type and subresource, in the public cloud ("Azure Private
 * Endpoint private DNS zone values"). Types with several possible zones are left out.
 */
export const privateLinkZone = (type: string, subresource: string | undefined): string | undefined => {
  const bySubresource = zones[type];
  if (typeof bySubresource === "string" || bySubresource === undefined) return bySubresource;
  return bySubresource[(subresource ?? "").toLowerCase().replace(/_secondary$/, "")];
};

const storage = Object.fromEntries(
  ["blob", "dfs", "file", "queue", "table", "web"].map((name) => [name, `privatelink.${name}.core.windows.net`]),
);

const zones: Readonly<Record<string, string | Readonly<Record<string, string>>>> = {
  azurerm_app_configuration: "privatelink.azconfig.io",
  azurerm_container_registry: "privatelink.azurecr.io",
  azurerm_cosmosdb_account: {
    cassandra: "privatelink.cassandra.cosmos.azure.com",
    gremlin: "privatelink.gremlin.cosmos.azure.com",
    mongodb: "privatelink.mongo.cosmos.azure.com",
    sql: "privatelink.documents.azure.com",
    table: "privatelink.table.cosmos.azure.com",
  },
  azurerm_eventgrid_domain: "privatelink.eventgrid.azure.net",
  azurerm_eventgrid_topic: "privatelink.eventgrid.azure.net",
  azurerm_eventhub_namespace: "privatelink.servicebus.windows.net",
  azurerm_key_vault: "privatelink.vaultcore.azure.net",
  azurerm_mssql_server: "privatelink.database.windows.net",
  azurerm_mysql_flexible_server: "privatelink.mysql.database.azure.com",
  azurerm_mysql_server: "privatelink.mysql.database.azure.com",
  azurerm_postgresql_flexible_server: "privatelink.postgres.database.azure.com",
  azurerm_postgresql_server: "privatelink.postgres.database.azure.com",
  azurerm_redis_cache: "privatelink.redis.cache.windows.net",
  azurerm_search_service: "privatelink.search.windows.net",
  azurerm_servicebus_namespace: "privatelink.servicebus.windows.net",
  azurerm_signalr_service: "privatelink.service.signalr.net",
  azurerm_storage_account: storage,
};
