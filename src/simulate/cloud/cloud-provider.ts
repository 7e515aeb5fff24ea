import type { AzureAccount } from "./azure-account.ts";
import type { LoadBalancerService } from "./load-balancer-service.ts";
import type { CloudConfig, InputNode, LoadBalancer } from "./load-balancer-types.ts";
import type { BalancerShares } from "./multiple-balancers.ts";
import type { PublicIpCache } from "./public-ip-cache.ts";

/** What the cloud provider knows besides Azure: its configuration, the Services and nodes that it watches, the events it has sent. */
export interface CloudProvider {
  readonly account: AzureAccount;
  readonly publicIps: PublicIpCache;
  readonly config: CloudConfig;
  readonly clusterName: string;
  /** Every Service of the cluster by `namespace/name`, of whatever type, with the addresses of its status. */
  readonly services: Map<string, LoadBalancerService>;
  readonly nodes: Map<string, InputNode>;
  /** Names of nodes, in lower case, that stay out of load balancers; nodes that are gone among them. */
  readonly excludedNodes: Set<string>;
  events: string[];
  /** Where the configuration asks for several Standard load balancers. */
  readonly multiple?: BalancerShares;
}

export const warn = (provider: CloudProvider, reason: string, message: string): void => {
  provider.events.push(`Warning ${reason} ${message}`);
};

/** Resource group of the load balancers. */
export const balancerGroup = (provider: CloudProvider): string =>
  provider.config.loadBalancerResourceGroup || provider.account.resourceGroup;

/** Resource group of the virtual network. */
export const networkGroup = (provider: CloudProvider): string =>
  provider.config.vnetResourceGroup || provider.account.resourceGroup;

export const internalEnding = "-internal";

export const isInternalBalancer = (balancer: LoadBalancer): boolean =>
  balancer.name.toLowerCase().endsWith(internalEnding);

/** The id of a part of a load balancer, as the provider composes it. */
export const partId = (provider: CloudProvider, balancer: string, kind: string, name: string): string => {
  const { config, account } = provider;
  const subscription = config.networkResourceSubscriptionID || config.subscriptionId || "";
  const group = config.loadBalancerResourceGroup || account.resourceGroup;
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Network/loadBalancers/${balancer}/${kind}/${name}`;
};

/** Tags of the configuration, `a=b,c=d` and a map; the map goes before. */
export const configuredTags = (config: CloudConfig): Record<string, string> =>
  parseTags(config.tags ?? "", config.tagsMap ?? {});

export const parseTags = (text: string, map: Readonly<Record<string, string>>): Record<string, string> => {
  const tags: Record<string, string> = {};
  if (text !== "") {
    for (const pair of text.split(",")) {
      const parts = pair.split("=");
      const name = (parts[0] ?? "").trim();
      const raw = parts[1] ?? "";
      if (parts.length !== 2 || name === "") continue;
      tags[name] = raw.trim().toLowerCase() === "null" ? raw : raw.trim();
    }
  }
  for (const [rawName, raw] of Object.entries(map)) {
    const name = rawName.trim();
    if (name === "") continue;
    const other = Object.keys(tags).find((tag) => tag.toLowerCase() === name.toLowerCase());
    if (other !== undefined && other !== name) delete tags[other];
    tags[name] = raw.trim().toLowerCase() === "null" ? raw : raw.trim();
  }
  return tags;
};

/** Writes wanted tags over those of a resource; with system tags configured, all others go. `undefined` where nothing changes. */
export const reconciledTags = (
  config: CloudConfig,
  current: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): Record<string, string> | undefined => {
  const tags: Record<string, string> = { ...current };
  let changed = false;
  for (const [name, value] of Object.entries(wanted)) {
    const held = Object.keys(tags).find((tag) => tag.toLowerCase() === name.toLowerCase());
    if (held === undefined) {
      tags[name] = value;
      changed = true;
    } else if ((tags[held] ?? "").toLowerCase() !== value.toLowerCase()) {
      tags[held] = value;
      changed = true;
    }
  }
  if (config.systemTags) {
    const system = config.systemTags.split(",").map((tag) => tag.trim().toLowerCase());
    for (const name of Object.keys(tags)) {
      if (name in wanted || system.some((tag) => name.toLowerCase().startsWith(tag))) continue;
      delete tags[name];
      changed = true;
    }
  }
  return changed ? tags : undefined;
};
