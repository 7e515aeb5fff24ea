import { expect, test } from "@jest/globals";
import { hostRecords } from "../../src/graph/dns-records.ts";
import { platformOf } from "../support/evaluated.ts";

const group = 'resource "azurerm_resource_group" "rg" {\n name = "rg"\n location = "westeurope"\n}\n';
const azurerm = `${group}
resource "azurerm_public_ip" "web" {
  name                = "pip-web"
  resource_group_name = azurerm_resource_group.rg.name
  location            = "westeurope"
  allocation_method   = "Static"
}
resource "azurerm_dns_zone" "shop" {
  name                = "shop.example"
  resource_group_name = azurerm_resource_group.rg.name
}
resource "azurerm_dns_zone" "team" {
  name                = "team.shop.example"
  resource_group_name = azurerm_resource_group.rg.name
}
resource "azurerm_private_dns_zone" "shop" {
  name                = "shop.example"
  resource_group_name = azurerm_resource_group.rg.name
}
resource "azurerm_dns_a_record" "all" {
  name                = "*"
  zone_name           = azurerm_dns_zone.shop.name
  resource_group_name = azurerm_resource_group.rg.name
  ttl                 = 300
  records             = [azurerm_public_ip.web.ip_address]
}
resource "azurerm_dns_txt_record" "mail" {
  name                = "mail"
  zone_name           = azurerm_dns_zone.shop.name
  resource_group_name = azurerm_resource_group.rg.name
  ttl                 = 300
  record {
    value = "v=spf1 -all"
  }
}
resource "azurerm_private_dns_a_record" "api" {
  name                = "api"
  zone_name           = "shop.example"
  resource_group_name = "rg"
  ttl                 = 300
  records             = ["10.1.0.9", "10.1.0.10"]
}
`;

test("records of both kinds of zone, with what they lead to", () => {
  const platform = platformOf(azurerm);
  const told = platform.dnsRecords?.map(({ address, kind, isPrivate, zone, targets, isWhole }) => [
    address,
    kind,
    isPrivate,
    zone.address,
    targets.map(({ value, source }) => source ?? value),
    isWhole,
  ]);
  expect(told).toEqual([
    ["azurerm_dns_a_record.all", "A", false, "azurerm_dns_zone.shop", ["azurerm_public_ip.web"], true],
    ["azurerm_dns_txt_record.mail", "other", false, "azurerm_dns_zone.shop", [], false],
    ["azurerm_private_dns_a_record.api", "A", true, "azurerm_private_dns_zone.shop", ["10.1.0.10", "10.1.0.9"], true],
  ]);
});

test.each([
  [
    "www.shop.example",
    [
      ["azurerm_dns_zone.shop", ["azurerm_dns_a_record.all"]],
      ["azurerm_private_dns_zone.shop", []],
    ],
  ],
  [
    "a.b.shop.example",
    [
      ["azurerm_dns_zone.shop", ["azurerm_dns_a_record.all"]],
      ["azurerm_private_dns_zone.shop", []],
    ],
  ],
  // A name with record sets of another kind is not the wildcard's.
  [
    "mail.shop.example",
    [
      ["azurerm_dns_zone.shop", []],
      ["azurerm_private_dns_zone.shop", []],
    ],
  ],
  [
    "API.shop.example",
    [
      ["azurerm_dns_zone.shop", ["azurerm_dns_a_record.all"]],
      ["azurerm_private_dns_zone.shop", ["azurerm_private_dns_a_record.api"]],
    ],
  ],
  [
    "shop.example",
    [
      ["azurerm_dns_zone.shop", []],
      ["azurerm_private_dns_zone.shop", []],
    ],
  ],
  [
    "x.team.shop.example",
    [
      ["azurerm_dns_zone.team", []],
      ["azurerm_private_dns_zone.shop", []],
    ],
  ],
  ["workshop.example", []],
] as const)("records that answer for %s", (host, expected) => {
  const found = hostRecords(platformOf(azurerm), host);
  expect(found.map(({ zone, records }) => [zone.address, records.map(({ address }) => address)])).toEqual(expected);
});

test("azapi's zones, records and zone groups are the same", () => {
  const platform = platformOf(`${group}
resource "azapi_resource" "zone" {
  type      = "Microsoft.Network/dnsZones@2018-05-01"
  name      = "shop.example"
  parent_id = azurerm_resource_group.rg.id
  location  = "global"
  body      = {}
}
resource "azapi_resource" "www" {
  type      = "Microsoft.Network/dnsZones/A@2018-05-01"
  name      = "www"
  parent_id = azapi_resource.zone.id
  body      = { properties = { TTL = 300, ARecords = [{ ipv4Address = "20.1.2.3" }] } }
}
resource "azapi_resource" "alias" {
  type      = "Microsoft.Network/dnsZones/CNAME@2018-05-01"
  name      = "shop"
  parent_id = azapi_resource.zone.id
  body      = { properties = { TTL = 300, CNAMERecord = { cname = "shop.westeurope.cloudapp.azure.com" } } }
}
resource "azapi_resource" "vaults" {
  type      = "Microsoft.Network/privateDnsZones@2020-06-01"
  name      = "privatelink.vaultcore.azure.net"
  parent_id = azurerm_resource_group.rg.id
  location  = "global"
  body      = {}
}
resource "azapi_resource" "endpoint" {
  type      = "Microsoft.Network/privateEndpoints@2023-11-01"
  name      = "pe"
  parent_id = azurerm_resource_group.rg.id
  location  = "westeurope"
  body      = { properties = {} }
}
resource "azapi_resource" "group" {
  type      = "Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2023-11-01"
  name      = "default"
  parent_id = azapi_resource.endpoint.id
  body = { properties = { privateDnsZoneConfigs = [{ name = "kv", properties = { privateDnsZoneId = azapi_resource.vaults.id } }] } }
}
`);
  expect(platform.dnsZones?.map(({ name }) => name)).toEqual(["shop.example"]);
  expect(
    platform.dnsRecords?.map(({ name, kind, zoneName, targets }) => [name, kind, zoneName, targets[0]?.value]),
  ).toEqual([
    ["www", "A", "shop.example", "20.1.2.3"],
    ["shop", "CNAME", "shop.example", "shop.westeurope.cloudapp.azure.com"],
  ]);
  const [endpoint] = platform.privateEndpoints;
  expect([endpoint?.dnsZoneGroup, endpoint?.dnsZones[0]?.address]).toEqual([true, "azapi_resource.vaults"]);
});
