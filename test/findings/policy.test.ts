import { expect, test } from "@jest/globals";
import { deployment } from "../support/objects.ts";
import { shop } from "../support/shop.ts";
import { findingsOf, type Source } from "../support/world.ts";

const policy = (spec: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: p, namespace: shop }\nspec: { podSelector: {}, ${spec} }`;
const cidrs = 'service_cidr = "172.20.0.0/16"\n dns_service_ip = "172.20.0.10"';
const cilium = shop({
  network: `network_plugin = "azure"\n network_plugin_mode = "overlay"\n network_data_plane = "cilium"\n network_policy = "cilium"\n ${cidrs}`,
});
const cart = `${deployment("cart")}\n`;

const rows: readonly (readonly [name: string, source: Source, codes: readonly string[], says: RegExp])[] = [
  [
    "policies without an engine",
    { hcl: shop({ network: `network_plugin = "azure"\n ${cidrs}` }), yaml: policy("policyTypes: [Ingress]") },
    ["AKS7001"],
    /every pod reaches every other/,
  ],
  ["policies with an engine", { yaml: policy("policyTypes: [Ingress]") }, [], /./],
  [
    "an ipBlock of pods with Cilium",
    { hcl: cilium, yaml: policy("policyTypes: [Egress], egress: [{ to: [{ ipBlock: { cidr: 10.244.0.0/16 } }] }]") },
    ["AKS7002"],
    /Cilium does not match these by address/,
  ],
  [
    "an ipBlock of the world with Cilium",
    { hcl: cilium, yaml: policy("policyTypes: [Ingress], ingress: [{ from: [{ ipBlock: { cidr: 20.0.0.0/8 } }] }]") },
    [],
    /./,
  ],
  [
    "egress without DNS",
    { yaml: cart + policy("policyTypes: [Egress], egress: [{ to: [{ podSelector: {} }], ports: [{ port: 8080 }] }]") },
    ["AKS7003"],
    /no policy allows port 53/,
  ],
  [
    "egress with DNS",
    { yaml: cart + policy("policyTypes: [Egress], egress: [{ ports: [{ port: 53, protocol: UDP }] }]") },
    [],
    /./,
  ],
  ["egress closed on purpose", { yaml: cart + policy("policyTypes: [Egress]") }, [], /./],
];

test.each(rows)("%s", (_, source, codes, says) => {
  const found = findingsOf({ hcl: shop(), ...source });
  expect(found.map(({ code }) => code)).toEqual(codes);
  if (codes.length > 0) expect(found.map(({ detail }) => detail).join("\n")).toMatch(says);
});
