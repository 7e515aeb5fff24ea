import { stringType, type Type } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import { itemsOf } from "./functions-collection.ts";
import { type FunctionDefinition, type FunctionFailure, fail, stringFunction } from "./functions-definition.ts";
import { mapValue, nullValue, objectValue, stringValue, unknownValue } from "./values-construct.ts";
import { objectOf } from "./values-type.ts";

/** Spelling of the fixed parts of identifiers, by their lower-case form: what AKS platforms are made of. */
const spellings: ReadonlyMap<string, string> = new Map(
  `subscriptions resourceGroups providers managementGroups resourceProviders
Microsoft.ApiManagement Microsoft.App Microsoft.Authorization Microsoft.Automation Microsoft.Billing Microsoft.Cache Microsoft.Chaos
Microsoft.Compute Microsoft.ContainerInstance Microsoft.ContainerRegistry Microsoft.ContainerService Microsoft.DBforMySQL
Microsoft.DBforPostgreSQL Microsoft.DocumentDB Microsoft.EventGrid Microsoft.EventHub Microsoft.Insights Microsoft.KeyVault
Microsoft.KubernetesConfiguration Microsoft.ManagedIdentity Microsoft.Management Microsoft.Monitor Microsoft.Dashboard Microsoft.Network
Microsoft.OperationalInsights Microsoft.OperationsManagement Microsoft.Resources Microsoft.ServiceBus Microsoft.Sql Microsoft.Storage
Microsoft.Web managedClusters agentPools maintenanceConfigurations fleets registries vaults secrets keys virtualNetworks subnets
networkSecurityGroups securityRules routeTables routes natGateways publicIPAddresses publicIPPrefixes loadBalancers frontendIPConfigurations
backendAddressPools probes inboundNatRules outboundRules loadBalancingRules networkInterfaces ipConfigurations applicationGateways
applicationSecurityGroups privateDnsZones virtualNetworkLinks privateEndpoints privateLinkServices dnsZones bastionHosts azureFirewalls
firewallPolicies virtualNetworkPeerings virtualNetworkGateways expressRouteCircuits ddosProtectionPlans networkWatchers flowLogs
userAssignedIdentities federatedIdentityCredentials roleAssignments roleDefinitions locks policyAssignments workspaces accounts
dataCollectionRules dataCollectionEndpoints diagnosticSettings metricAlerts actionGroups components storageAccounts blobServices
containers fileServices shares disks snapshots diskEncryptionSets images virtualMachines virtualMachineScaleSets availabilitySets
proximityPlacementGroups servers databases flexibleServers redis databaseAccounts namespaces eventhubs queues topics sites
serverFarms service gateways hostnameConfigurations apis targets capabilities experiments grafana extensions fluxConfigurations
eventSubscriptions deployments tags trustedAccessRoleBindings privateLinkAssociations billingAccounts automationAccounts`
    .split(/\s+/)
    .map((word) => [word.toLowerCase(), word]),
);

const spelled = (segment: string): string => spellings.get(segment.toLowerCase()) ?? segment;

/** Identifiers of these types hang on any other resource. */
const scoped = new Set(["microsoft.chaos", "microsoft.eventgrid", "microsoft.authorization"]);

interface ArmId {
  /** What the resource hangs on, where it hangs on another resource. */
  readonly scope: string;
  /** Name and value of each pair after the scope. */
  readonly pairs: readonly (readonly [string, string])[];
}

const pairsOf = (id: string): (readonly [string, string])[] | undefined => {
  const parts = id.replace(/^\//, "").replace(/\/$/, "").split("/");
  if (parts.length % 2 !== 0 || parts.some((part) => part === "")) return undefined;
  return Array.from({ length: parts.length / 2 }, (_, index) => [parts[index * 2] ?? "", parts[index * 2 + 1] ?? ""]);
};

const isNamed = (pair: readonly [string, string] | undefined, name: string): boolean =>
  pair?.[0].toLowerCase() === name;

const parseId = (id: string): ArmId | undefined => {
  const pairs = pairsOf(id);
  if (pairs === undefined) return undefined;
  const last = pairs.findLastIndex((pair) => isNamed(pair, "providers"));
  const first = pairs.findIndex((pair) => isNamed(pair, "providers"));
  const isScoped = last > first || (last > 0 && scoped.has((pairs[last]?.[1] ?? "").toLowerCase()));
  if (!isScoped) return { scope: "", pairs };
  return { scope: joinPairs(pairs.slice(0, last)), pairs: pairs.slice(last) };
};

const joinPairs = (pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([name, value]) => `/${name}/${value}`).join("");

const normalise = (id: string): string | undefined =>
  pairsOf(id)
    ?.map(([name, value]) => `/${spelled(name)}/${isNamed([name, value], "providers") ? spelled(value) : value}`)
    .join("");

const strings: Type = { kind: "map", element: stringType };

const textMap = (entries: Iterable<readonly [string, string]>): Value =>
  mapValue(
    stringType,
    [...entries].map(([key, text]) => [key, stringValue(text)]),
  );

const parsedType = objectOf([
  ...[
    "resource_name",
    "resource_provider",
    "resource_group_name",
    "resource_type",
    "resource_scope",
    "full_resource_type",
    "subscription_id",
  ].map((name) => [name, stringType] as const),
  ["parent_resources", strings],
]);

const malformed = (id: string): FunctionFailure =>
  fail(
    `could not determine resource ID type from ${id}, ID may be malformed or currently not supported in the provider`,
  );

/** Every part of an identifier (azurerm 4.79 `parse_resource_id`). */
const parseAzurerm = (id: string): Value | FunctionFailure => {
  if (id === "") return fail("Got empty ID");
  const parsed = parseId(normalise(id) ?? "");
  if (parsed === undefined) return malformed(id);
  const { scope, pairs } = parsed;
  const find = (name: string): string => pairs.find((pair) => isNamed(pair, name))?.[1] ?? "";
  const provider = find("providers");
  const own = pairs.filter((pair) => !["subscriptions", "resourcegroups", "providers"].includes(pair[0].toLowerCase()));
  const last = own.at(-1);
  const group = last === undefined ? pairs.at(-1) : undefined;
  const type = last?.[0] ?? group?.[0] ?? "";
  const types = own.length === 0 ? [type] : own.map(([name]) => name);
  return objectValue([
    ["resource_name", stringValue(last?.[1] ?? "")],
    ["resource_provider", stringValue(provider)],
    ["resource_group_name", stringValue(find("resourcegroups"))],
    ["resource_type", stringValue(type)],
    ["resource_scope", stringValue(scope)],
    ["full_resource_type", stringValue([provider, ...types].join("/"))],
    ["subscription_id", stringValue(find("subscriptions"))],
    ["parent_resources", textMap(own.slice(0, -1))],
  ]);
};

/** Functions of hashicorp/azurerm from 4.0 on. */
export const azurermFunctions: Readonly<Record<string, FunctionDefinition>> = {
  normalise_resource_id: stringFunction(["id"], stringType, (id = "") => {
    const normal = normalise(id);
    return normal === undefined ? malformed(id) : stringValue(normal);
  }),
  parse_resource_id: stringFunction(["id"], parsedType, (id = "") => parseAzurerm(id)),
};

const partsType = objectOf([
  ...["id", "type", "name", "parent_id", "resource_group_name", "subscription_id", "provider_namespace"].map(
    (name) => [name, stringType] as const,
  ),
  ["parts", strings],
]);

const badType = "`type` is invalid, it should be like `ResourceProvider/resourceTypes@ApiVersion`";

/** The parts of an identifier of a given type (azapi 2.5 `parse_resource_id`). */
const parseAzapi = (typeText: string, id: string): Value | FunctionFailure => {
  const [type = ""] = typeText.split("@");
  if (!type.includes("/")) return fail(badType);
  const pairs = pairsOf(id);
  if (pairs === undefined || !id.startsWith("/"))
    return fail(`failed to parse resource ID(resourceType: ${typeText}, resourceId: ${id}): invalid resource ID`);
  const last = pairs.findLastIndex((pair) => isNamed(pair, "providers"));
  const own = pairs.slice(last + 1);
  const namespace = last < 0 ? "Microsoft.Resources" : (pairs[last]?.[1] ?? "");
  const actual = [namespace, ...(last < 0 ? own.slice(-1) : own).map(([name]) => name)].join("/");
  if (actual.toLowerCase() !== type.toLowerCase())
    return fail(
      `failed to parse resource ID(resourceType: ${typeText}, resourceId: ${id}): \`resource_id\` and \`type\` are not matched, expect \`type\` to be ${type}, but got ${actual}`,
    );
  const find = (name: string): string => pairs.find((pair) => isNamed(pair, name))?.[1] ?? "";
  const isManagementGroup = type.toLowerCase() === "microsoft.management/managementgroups";
  const parents = own.length > 1 || last < 0 || isManagementGroup ? pairs.slice(0, -1) : pairs.slice(0, last);
  return objectValue([
    ["id", stringValue(id)],
    ["type", stringValue(type)],
    ["name", stringValue(pairs.at(-1)?.[1] ?? "")],
    ["parent_id", stringValue(joinPairs(parents) || "/")],
    ["resource_group_name", stringValue(find("resourcegroups"))],
    ["subscription_id", stringValue(find("subscriptions"))],
    ["provider_namespace", stringValue(namespace)],
    ["parts", textMap(partsOf(pairs))],
  ]);
};

/** Of two namespaces the first stays. */
const partsOf = (pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, string> => {
  const parts = new Map<string, string>();
  for (const [name, value] of pairs)
    if (!parts.has(name) || !isNamed([name, value], "providers")) parts.set(name, value);
  return parts;
};

const listOfStrings: Type = { kind: "list", element: stringType };

/** `/providers/NAMESPACE/TYPE/NAME/…` below a scope. */
const below = (scope: string, type: string, names: readonly string[]): string | FunctionFailure => {
  const [namespace, ...types] = (type.split("@")[0] ?? "").split("/");
  if (namespace === undefined || namespace === "" || types.length === 0)
    return fail("invalid azure resource type, it should be like `ResourceProvider/resourceTypes`");
  if (types.length !== names.length)
    return fail(
      `number of resource names does not match the number of resource type parts, expected ${types.length}, got ${names.length}`,
    );
  return `${scope}/providers/${namespace}${types.map((part, index) => `/${part}/${names[index]}`).join("")}`;
};

const build = (parameters: readonly string[], scopeOf: (texts: readonly string[]) => string): FunctionDefinition => ({
  parameters: [
    ...parameters.map((name) => ({ name, type: stringType })),
    { name: "resource_type", type: stringType },
    { name: "resource_names", type: listOfStrings },
  ],
  result: stringType,
  call: (args) => {
    const texts = args.map((arg) => (arg.kind === "string" ? arg.value : ""));
    const names = itemsOf(args.at(-1));
    const open = names.find((name) => name.kind === "unknown");
    if (open?.kind === "unknown") return unknownValue(stringType, open.because);
    const id = below(
      scopeOf(texts),
      texts[parameters.length] ?? "",
      names.map((name) => (name.kind === "string" ? name.value : "")),
    );
    return typeof id === "string" ? stringValue(id) : id;
  },
});

const buildResourceId = (parent: string, typeText: string, name: string): Value | FunctionFailure => {
  const [type = ""] = typeText.split("@");
  const [namespace = "", ...types] = type.split("/");
  if (types.length === 0)
    return fail("invalid azure resource type, it should be like `ResourceProvider/resourceTypes`");
  if (type.toLowerCase() === "microsoft.resources/resourcegroups")
    return stringValue(`${parent}/resourceGroups/${name}`);
  if (type.toLowerCase() === "microsoft.resources/subscriptions") return stringValue(`/subscriptions/${name}`);
  if (types.length > 1) return stringValue(`${parent}/${types.at(-1)}/${name}`);
  return stringValue(`${parent === "/" ? "" : parent}/providers/${namespace}/${types[0]}/${name}`);
};

/** Functions of Azure/azapi from 2.0 on. */
export const azapiFunctions: Readonly<Record<string, FunctionDefinition>> = {
  build_resource_id: stringFunction(
    ["parent_id", "resource_type", "name"],
    stringType,
    (parent = "", type = "", name = "") => buildResourceId(parent, type, name),
  ),
  extension_resource_id: build(["base_resource_id"], ([base = ""]) => base),
  management_group_resource_id: build(
    ["management_group_name"],
    ([name = ""]) => `/providers/Microsoft.Management/managementGroups/${name}`,
  ),
  parse_resource_id: {
    parameters: [
      { name: "type", type: stringType },
      { name: "resource_id", type: stringType, allowNull: true },
    ],
    result: partsType,
    call: ([type, id]) => {
      if (id === undefined || id.kind === "null" || (id.kind === "string" && id.value === ""))
        return nullValue(partsType);
      return parseAzapi(type?.kind === "string" ? type.value : "", id.kind === "string" ? id.value : "");
    },
  },
  resource_group_resource_id: build(
    ["subscription_id", "resource_group_name"],
    ([subscription = "", group = ""]) => `/subscriptions/${subscription}/resourceGroups/${group}`,
  ),
  subscription_resource_id: build(["subscription_id"], ([subscription = ""]) => `/subscriptions/${subscription}`),
  tenant_resource_id: build([], () => ""),
};
