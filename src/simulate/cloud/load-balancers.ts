import type { Service } from "../../kubernetes/networking.ts";
import { AzureAccount } from "./azure-account.ts";
import type { CloudProvider } from "./cloud-provider.ts";
import { deleteLoadBalancer, ensureLoadBalancer, updateLoadBalancer } from "./load-balancer-reconcile.ts";
import { type LoadBalancerService, loadBalancerService } from "./load-balancer-service.ts";
import {
  type Failure,
  type InputNode,
  isFailure,
  type LoadBalancerInput,
  type StepResult,
} from "./load-balancer-types.ts";
import { type BalancerShares, configurationProblem } from "./multiple-balancers.ts";
import { PublicIpCache } from "./public-ip-cache.ts";

/** What the calls gave, and Azure as they left it. */
export interface LoadBalancerOutcome {
  readonly steps: readonly StepResult[];
  readonly account: AzureAccount;
}

/**
 * Plays the Azure cloud provider over a list of Services, deletions and node changes: which load balancers, public IPs, security rules
 * and private links it makes, call by call (cloud-provider-azure v1.35.3, one Standard load balancer or several, scale sets).
 */
export const simulateLoadBalancers = (input: LoadBalancerInput): LoadBalancerOutcome => {
  const account = new AzureAccount(input);
  const problem = configurationProblem(input.cloudConfig);
  if (problem !== undefined)
    return { steps: [{ call: "InitializeCloudFromConfig", error: problem, writes: [] }], account };
  const multiple = sharesOf(input);
  const provider: CloudProvider = {
    account,
    publicIps: new PublicIpCache(account),
    config: input.cloudConfig,
    clusterName: input.clusterName || "kubernetes",
    services: new Map(),
    nodes: new Map(),
    excludedNodes: new Set(),
    events: [],
    ...(multiple === undefined ? {} : { multiple }),
  };
  const player: Player = { provider, current: input.nodes ?? [], balanced: new Map(), order: [], steps: [] };
  watchNodes(provider, [], player.current);
  for (const step of input.steps) {
    if (step.apply !== undefined) apply(player, step.apply);
    else if (step.delete) remove(player, step.delete);
    else changeNodes(player, step.nodes ?? []);
  }
  return { steps: player.steps, account };
};

const sharesOf = ({ cloudConfig, namespaces, endpoints }: LoadBalancerInput): BalancerShares | undefined => {
  const configurations = cloudConfig.multipleStandardLoadBalancerConfigurations ?? [];
  if (configurations.length === 0) return undefined;
  return {
    shares: configurations.map((configuration) => ({ configuration, services: undefined, nodes: undefined })),
    synced: false,
    settled: new Set(),
    locals: new Map(),
    namespaces: namespaces ?? {},
    endpoints: endpoints ?? {},
  };
};

interface Player {
  readonly provider: CloudProvider;
  current: readonly InputNode[];
  /** Services that have a load balancer by `namespace/name`, as last applied. */
  readonly balanced: Map<string, LoadBalancerService>;
  readonly order: string[];
  readonly steps: StepResult[];
}

const apply = (player: Player, object: Service): void => {
  const { provider, balanced } = player;
  const name = `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
  const earlier = balanced.get(name);
  const service = loadBalancerService(object, earlier?.ingress ?? []);
  provider.services.set(name, service);
  if (earlier === undefined) player.order.push(name);
  if (object.spec.type !== "LoadBalancer" || object.spec.loadBalancerClass !== undefined) {
    if (earlier !== undefined) unbalance(player, name, earlier);
    else player.steps.push({ call: "none", service: name, writes: [] });
    return;
  }
  balanced.set(name, service);
  record(player, "EnsureLoadBalancer", name, () => {
    const ips = ensureLoadBalancer(provider, service, player.current);
    if (isFailure(ips)) return ips;
    const served = { ...service, ingress: ips };
    balanced.set(name, served);
    provider.services.set(name, served);
    return ips;
  });
};

const remove = (player: Player, name: string): void => {
  const service = player.balanced.get(name);
  player.provider.services.delete(name);
  if (service === undefined) player.steps.push({ call: "none", service: name, writes: [] });
  else unbalance(player, name, service);
};

const unbalance = (player: Player, name: string, service: LoadBalancerService): void => {
  player.balanced.delete(name);
  record(player, "EnsureLoadBalancerDeleted", name, () => deleteLoadBalancer(player.provider, service));
};

const changeNodes = (player: Player, nodes: readonly InputNode[]): void => {
  player.provider.account.addNodes(nodes);
  watchNodes(player.provider, player.current, nodes);
  player.current = nodes;
  for (const name of player.order) {
    const service = player.balanced.get(name);
    if (service === undefined) continue;
    record(player, "UpdateLoadBalancer", name, () => updateLoadBalancer(player.provider, service, nodes));
  }
};

/** What the provider's watch makes of new nodes: those with the label, those not Azure's and those that are gone are left out. */
const watchNodes = (provider: CloudProvider, before: readonly InputNode[], after: readonly InputNode[]): void => {
  for (const node of before) {
    const name = node.name.toLowerCase();
    provider.nodes.delete(name);
    provider.excludedNodes.add(name);
    if (!after.some((other) => other.name === node.name)) provider.multiple?.settled.delete(name);
  }
  for (const node of after) {
    const name = node.name.toLowerCase();
    provider.nodes.set(name, node);
    const labels = node.labels ?? {};
    const out =
      labels["node.kubernetes.io/exclude-from-external-load-balancers"] !== undefined ||
      labels["kubernetes.azure.com/managed"]?.toLowerCase() === "false";
    if (out) provider.excludedNodes.add(name);
    else provider.excludedNodes.delete(name);
  }
};

const record = (
  player: Player,
  call: string,
  service: string,
  run: () => readonly string[] | Failure | undefined,
): void => {
  const { account } = player.provider;
  account.writes = [];
  player.provider.events = [];
  const result = run();
  const failure = isFailure(result) ? result : undefined;
  const ingress = failure === undefined ? (result as readonly string[] | undefined) : undefined;
  player.steps.push({
    call,
    service,
    ...(ingress === undefined || ingress.length === 0
      ? {}
      : { ingress: ingress.map((ip) => (ip === "" ? {} : { ip })) }),
    ...(failure === undefined ? {} : { error: words(failure) }),
    ...(player.provider.events.length === 0 ? {} : { events: player.provider.events }),
    writes: sortRuns(account.writes),
  });
};

/** Azure's answers on one line. */
const words = (failure: Failure): string =>
  failure.response === true ? failure.error.replace(/\s+/g, " ") : failure.error;

/** Writes to scale sets and instances that follow each other come in no order upstream: they are sorted. */
const sortRuns = (writes: readonly string[]): readonly string[] => {
  const result: string[] = [];
  let run: string[] = [];
  for (const write of writes) {
    if (write.startsWith("PUT virtualMachineScaleSet")) {
      run.push(write);
      continue;
    }
    result.push(...run.sort(), write);
    run = [];
  }
  return [...result, ...run.sort()];
};
