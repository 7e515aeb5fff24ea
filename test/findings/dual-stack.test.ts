import { expect, test } from "@jest/globals";
import { shop } from "../support/shop.ts";
import { findingsOf, type Source } from "../support/world.ts";

const network = (more = "", policy = ""): string =>
  `network_plugin = "azure"\n network_plugin_mode = "overlay"\n ip_versions = ["IPv4", "IPv6"]\n dns_service_ip = "172.20.0.10"\n service_cidrs = ["172.20.0.0/16", "fd00:20::/108"]\n pod_cidrs = ["10.244.0.0/16", "fd00:30::/64"]\n ${policy}\n ${more}`;
const cilium = 'network_data_plane = "cilium"\n network_policy = "cilium"';
const replaced = (text: string, ...pairs: readonly (readonly [string, string])[]): string =>
  pairs.reduce((all, [from, to]) => all.replace(from, to), text);
const dual = (parts: Parameters<typeof shop>[0] = {}, prefix = "fd00:10:0:1::/64"): string =>
  replaced(
    shop({ network: network("", cilium), ...parts }),
    ['address_space       = ["10.1.0.0/16"]', 'address_space       = ["10.1.0.0/16", "fd00:10::/48"]'],
    ['address_prefixes     = ["10.1.0.0/22"]', `address_prefixes     = ["10.1.0.0/22", "${prefix}"]`],
  );
const service = (spec: string): string => `
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { type: LoadBalancer, selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }], ${spec} }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: main, image: "mcr.microsoft.com/web:1", ports: [{ containerPort: 8080 }], resources: { requests: { cpu: 100m, memory: 128Mi } } }] }
---`;
const azureLinux = 'vm_size = "Standard_D4s_v5"\n node_count = 3\n os_sku = "AzureLinux"';

const rows: readonly (readonly [name: string, source: Source, codes: readonly string[], says: RegExp])[] = [
  ["a dual-stack cluster as it should be", { hcl: dual(), yaml: service("ipFamilyPolicy: PreferDualStack") }, [], /./],
  [
    "a subnet without an IPv6 range",
    { hcl: shop({ network: network("", cilium) }) },
    ["AKS3032"],
    /subnet "nodes" \(10\.1\.0\.0\/22\) of pool "system" has no IPv6 range\. .* and the range that it lies in to address_space of "vnet"/,
  ],
  [
    "an IPv6 range that is not a /64",
    { hcl: dual({}, "fd00:10:0:1::/80") },
    ["AKS1011"],
    /Azure takes a \/64 only\. Use fd00:10:0:1::\/64/,
  ],
  ["IPv6 outside of the network's range", { hcl: dual({}, "fd00:11:0:1::/64") }, ["AKS1011"], /lies outside network/],
  [
    "node subnet networking",
    {
      hcl: replaced(
        dual(),
        ['network_plugin_mode = "overlay"', ""],
        ['pod_cidrs = ["10.244.0.0/16", "fd00:30::/64"]', ""],
        [cilium, ""],
      ),
    },
    ["AKS1014"],
    /dual stack needs network_plugin_mode "overlay"/,
  ],
  [
    "Calico",
    { hcl: dual({ network: network("", 'network_policy = "calico"') }) },
    ["AKS1014"],
    /network_policy "calico" does not go with dual stack/,
  ],
  [
    "two pod ranges with one family",
    {
      hcl: replaced(
        dual(),
        ['ip_versions = ["IPv4", "IPv6"]', ""],
        ['service_cidrs = ["172.20.0.0/16", "fd00:20::/108"]', 'service_cidr = "172.20.0.0/16"'],
      ),
    },
    ["AKS1014"],
    /pod_cidrs has 2 ranges, which needs ip_versions/,
  ],
  [
    "ranges in the wrong order",
    { hcl: replaced(dual(), ['"172.20.0.0/16", "fd00:20::/108"', '"fd00:20::/108", "172.20.0.0/16"']) },
    ["AKS1014"],
    /service_cidrs fd00:20::\/108, 172\.20\.0\.0\/16 must hold one range for each of ip_versions, in their order/,
  ],
  [
    "an IPv6 service range that is too large",
    { hcl: replaced(dual(), ["fd00:20::/108", "fd00:20::/64"]) },
    ["AKS1014"],
    /larger than a \/108, which Kubernetes does not take\. Use fd00:20::\/108/,
  ],
  [
    "a pod range of IPv6 without blocks for the nodes",
    { hcl: replaced(dual(), ["fd00:30::/64", "fd00:30::/78"]) },
    ["AKS1004"],
    /Pod CIDR fd00:30::\/78 .* holds 4 nodes \(a \/80 each\); its pools may come to 9, and 2 surge nodes .* Use at least a \/76/,
  ],
  [
    "kubenet past 200 nodes",
    {
      hcl: dual({
        network: replaced(network(), [
          'network_plugin = "azure"\n network_plugin_mode = "overlay"',
          'network_plugin = "kubenet"',
        ]),
        user: 'vm_size = "Standard_D4s_v5"\n auto_scaling_enabled = true\n min_count = 3\n max_count = 210',
      }),
    },
    ["AKS1013"],
    /its route table carries 200, since each takes a route for IPv4 and one for IPv6/,
  ],
  [
    "an IPv6 service range that overlaps the subnet",
    { hcl: replaced(dual(), ["fd00:20::/108", "fd00:10:0:1::1:0/112"]) },
    ["AKS1005"],
    /Service CIDR fd00:10:0:1::1:0\/112 .* overlaps subnet "nodes"/,
  ],
  [
    "a Service that requires two families of a cluster with one",
    { hcl: shop(), yaml: service("ipFamilyPolicy: RequireDualStack") },
    ["AKS3033"],
    /has IPv4: the API server refuses it \(spec\.ipFamilyPolicy: this cluster is not configured for dual-stack services\)/,
  ],
  [
    "a Service of IPv6 on a cluster of IPv4",
    { hcl: shop(), yaml: service("ipFamilies: [IPv6]") },
    ["AKS3033"],
    /spec\.ipFamilies: not configured on this cluster/,
  ],
  ["a Service that prefers two families", { hcl: shop(), yaml: service("ipFamilyPolicy: PreferDualStack") }, [], /./],
  [
    "IPv6 probes on Azure Linux",
    {
      hcl: dual({ system: azureLinux, user: azureLinux.replace("3", "1") }),
      yaml: service("ipFamilyPolicy: RequireDualStack"),
    },
    ["AKS3034"],
    /Set externalTrafficPolicy: Local/,
  ],
];

test.each(rows)("%s", (_, source, codes, says) => {
  const found = findingsOf(source).filter(({ code }) => /^AKS(1\d{3}|303\d)$/.test(code));
  expect(found.map(({ code }) => code)).toEqual(codes);
  if (codes.length > 0) expect(found[0]?.detail).toMatch(says);
});
