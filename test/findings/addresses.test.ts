import { expect, test } from "@jest/globals";
import { shop } from "../support/shop.ts";
import { findingsOf, type Source } from "../support/world.ts";

const overlay = (more = ""): string =>
  `network_plugin = "azure"\n network_plugin_mode = "overlay"\n service_cidr = "172.20.0.0/16"\n dns_service_ip = "172.20.0.10"\n ${more}`;

test("a sound platform has no finding", () => {
  expect(findingsOf({ hcl: shop() })).toEqual([]);
});

const rows: readonly (readonly [name: string, source: Source, code: string, says: RegExp])[] = [
  [
    "node subnet pools at their highest counts do not fit",
    { hcl: shop({ subnet: "10.1.0.0/24" }) },
    "AKS1001",
    /need 279 addresses \(pool "system" 3 × 31, pool "user" 6 × 31\), 251 are usable/,
  ],
  [
    "an upgrade's surge nodes do not fit",
    {
      hcl: shop({
        subnet: "10.1.0.0/24",
        user: 'vm_size = "Standard_D4s_v5"\n node_count = 5\n zones = ["1"]\n upgrade_settings {\n max_surge = "50%"\n }',
      }),
    },
    "AKS1002",
    /248 of 251 addresses.*4 surge nodes/,
  ],
  [
    "the pod CIDR has fewer blocks than nodes",
    { hcl: shop({ network: overlay('pod_cidr = "10.244.0.0/22"') }) },
    "AKS1004",
    /holds 4 nodes/,
  ],
  [
    "the default service CIDR overlaps a subnet",
    { hcl: shop({ space: "10.0.0.0/16", subnet: "10.0.0.0/22", network: 'network_plugin = "azure"' }) },
    "AKS1005",
    /10\.0\.0\.0\/16 \(the default, none is given\).*subnet "nodes"/,
  ],
  [
    "dns_service_ip lies outside",
    {
      hcl: shop({
        network: 'network_plugin = "azure"\n service_cidr = "172.20.0.0/16"\n dns_service_ip = "172.21.0.10"',
      }),
    },
    "AKS1006",
    /Use 172\.20\.0\.10/,
  ],
  [
    "dns_service_ip is the first address",
    {
      hcl: shop({
        network: 'network_plugin = "azure"\n service_cidr = "172.20.0.0/16"\n dns_service_ip = "172.20.0.1"',
      }),
    },
    "AKS1006",
    /Service "kubernetes"/,
  ],
  [
    "the service CIDR touches a kept range",
    {
      hcl: shop({
        network: 'network_plugin = "azure"\n service_cidr = "172.30.0.0/16"\n dns_service_ip = "172.30.0.10"',
      }),
    },
    "AKS1007",
    /172\.30\.0\.0\/16/,
  ],
  [
    "the pod CIDR overlaps the network",
    { hcl: shop({ network: overlay('pod_cidr = "10.1.0.0/17"') }) },
    "AKS1008",
    /its own network "vnet"/,
  ],
  [
    "the node subnet is delegated",
    {
      hcl: shop({
        subnetMore: 'delegation {\n name = "x"\n service_delegation {\n name = "Microsoft.Web/serverFarms"\n }\n }',
      }),
    },
    "AKS1009",
    /Microsoft\.Web\/serverFarms/,
  ],
  [
    "the pod subnet holds nodes",
    {
      hcl: shop({
        user: 'vm_size = "Standard_D4s_v5"\n node_count = 3\n pod_subnet_id = azurerm_subnet.nodes.id',
      }),
    },
    "AKS1010",
    /also holds the nodes of pool "system"/,
  ],
  [
    "a subnet lies outside its network",
    { hcl: shop({ subnet: "10.2.0.0/22" }) },
    "AKS1011",
    /lies outside network "vnet"/,
  ],
  [
    "two subnets overlap",
    {
      hcl: shop({
        more: 'resource "azurerm_subnet" "other" {\n name = "other"\n resource_group_name = azurerm_resource_group.rg.name\n virtual_network_name = azurerm_virtual_network.main.name\n address_prefixes = ["10.1.2.0/24"]\n}',
      }),
    },
    "AKS1011",
    /overlaps subnet/,
  ],
  [
    "kubenet past 400 nodes",
    {
      hcl: shop({
        network:
          'network_plugin = "kubenet"\n service_cidr = "172.20.0.0/16"\n dns_service_ip = "172.20.0.10"\n pod_cidr = "10.244.0.0/13"',
        user: 'vm_size = "Standard_D4s_v5"\n auto_scaling_enabled = true\n min_count = 1\n max_count = 450',
      }),
    },
    "AKS1013",
    /its route table carries 400/,
  ],
  [
    "kubenet with network policy azure",
    {
      hcl: shop({
        network:
          'network_plugin = "kubenet"\n network_policy = "azure"\n service_cidr = "172.20.0.0/16"\n dns_service_ip = "172.20.0.10"',
      }),
    },
    "AKS1014",
    /only "calico" works/,
  ],
  [
    "pod_cidr without overlay",
    {
      hcl: shop({
        network:
          'network_plugin = "azure"\n pod_cidr = "10.244.0.0/16"\n service_cidr = "172.20.0.0/16"\n dns_service_ip = "172.20.0.10"',
      }),
    },
    "AKS1014",
    /needs network_plugin_mode "overlay"/,
  ],
];

test.each(rows)("%s", (_, source, code, says) => {
  const found = findingsOf(source);
  expect(found.map((finding) => finding.code)).toContain(code);
  const finding = found.find((candidate) => candidate.code === code);
  expect(finding?.detail).toMatch(says);
  expect(finding?.range?.file).toBe("main.tf");
  expect(finding?.range?.start.line).toBeGreaterThan(1);
});
