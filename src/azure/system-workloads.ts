import { knownOr } from "../model/unknown.ts";
import { lazyTable } from "./data-file.ts";
import { atLeastVersion } from "./kubernetes-version.ts";
import { type NetworkMode, networkMode, usesCilium } from "./network-mode.ts";
import type { AksCluster } from "./platform.ts";

type Amounts = Readonly<Record<string, string>>;

/** A Deployment or DaemonSet that AKS or an add-on runs; requests and limits are of one pod. */
export interface SystemWorkload {
  readonly name: string;
  readonly namespace: string;
  readonly kind: "Deployment" | "DaemonSet";
  /** Of a Deployment. */
  readonly replicas: number;
  readonly os: "linux" | "windows";
  readonly hostNetwork: boolean;
  /** `undefined` where nobody has published or observed them: counted as nothing, and said so. */
  readonly requests: Amounts | undefined;
  readonly limits: Amounts;
  readonly certainty: string;
  /** Name of the PodDisruptionBudget that keeps one pod, where there is one. */
  readonly budget: string | undefined;
}

/** What decides on the workloads. */
export interface SystemFacts {
  readonly kubernetesVersion: string;
  readonly nodes: number;
  readonly cores: number;
  readonly networks: ReadonlySet<NetworkMode>;
  readonly cilium: boolean;
  readonly policy: string;
  readonly windows: boolean;
  readonly diskDriver: boolean;
  readonly fileDriver: boolean;
  readonly blobDriver: boolean;
  readonly addons: ReadonlySet<string>;
}

interface Row {
  readonly name: string;
  readonly namespace: string;
  readonly kind: "Deployment" | "DaemonSet";
  readonly replicas?: number | { readonly ladder: Ladder };
  readonly replicasFrom134?: number;
  readonly os?: "linux" | "windows";
  readonly hostNetwork?: boolean;
  readonly when?: string;
  readonly requests?: Amounts | null;
  readonly limits?: Amounts;
  readonly formula?: object;
  readonly before130?: { readonly requests: Amounts; readonly limits: Amounts };
  readonly limitsByVersion?: Readonly<Record<string, Amounts>>;
  readonly requestsByVersion?: Readonly<Record<string, Amounts>>;
  readonly certainty: string;
}

interface Ladder {
  readonly coresToReplicas: readonly (readonly [number, number])[];
  readonly nodesToReplicas: readonly (readonly [number, number])[];
}

const table = lazyTable<{ readonly workloads: readonly Row[] }>("system-workloads.json");

/** What the cluster runs for itself at that many nodes; the table gives source and certainty of each row. */
export const systemWorkloads = (facts: SystemFacts): readonly SystemWorkload[] => {
  const rows = table().workloads.filter((row) => applies(row, facts));
  return [...rows.map((row) => workloadOf(row, facts)), ...calico(facts)];
};

/** The facts of a typed cluster. `nodes` and `cores` count all pools. */
export const systemFacts = (
  cluster: AksCluster,
  kubernetesVersion: string,
  nodes: number,
  cores: number,
): SystemFacts => {
  const addons = new Set<string>();
  const on = (name: string, present: boolean): void => {
    if (present) addons.add(name);
  };
  const { addons: given } = cluster;
  on("oms_agent", given.omsAgent !== undefined);
  on("monitor_metrics", given.monitorMetrics);
  on("key_vault_secrets_provider", given.keyVaultSecretsProvider !== undefined);
  on("azure_policy_enabled", knownOr(given.azurePolicy, false));
  on("microsoft_defender", given.defender !== undefined);
  on("keda_enabled", knownOr(given.keda, false));
  on("vpa_enabled", knownOr(given.vpa, false));
  on("workload_identity_enabled", knownOr(cluster.workloadIdentity, false));
  return {
    kubernetesVersion,
    nodes,
    cores,
    networks: new Set(cluster.pools.map((pool) => networkMode(cluster, pool))),
    cilium: usesCilium(cluster),
    policy: knownOr(cluster.network.policy, "").toLowerCase(),
    windows: cluster.pools.some((pool) => knownOr(pool.osType, "Linux").toLowerCase() === "windows"),
    diskDriver: knownOr(cluster.storage.disk, true),
    fileDriver: knownOr(cluster.storage.file, true),
    blobDriver: knownOr(cluster.storage.blob, false),
    addons,
  };
};

const applies = (row: Row, facts: SystemFacts): boolean => {
  if (row.os === "windows" && !facts.windows) return false;
  if (row.name.startsWith("csi-azuredisk-node")) return facts.diskDriver;
  if (row.name.startsWith("csi-azurefile-node")) return facts.fileDriver;
  if (row.name === "csi-blob-node") return facts.blobDriver;
  switch (row.when) {
    case undefined:
      return true;
    case "network_data_plane != cilium":
      return !facts.cilium;
    case "network_data_plane == cilium":
      return facts.cilium;
    case "network_policy == azure":
      return facts.policy === "azure";
    case "overlay | pod subnet | cilium | (node subnet and k8s >= 1.32)":
      return runsCns(facts);
    default:
      return facts.addons.has(row.when);
  }
};

const runsCns = (facts: SystemFacts): boolean =>
  facts.cilium ||
  facts.networks.has("overlay") ||
  facts.networks.has("podSubnet") ||
  facts.networks.has("podSubnetStatic") ||
  (facts.networks.has("nodeSubnet") && atLeastVersion(facts.kubernetesVersion, "1.32"));

const workloadOf = (row: Row, facts: SystemFacts): SystemWorkload => ({
  name: row.name,
  namespace: row.namespace,
  kind: row.kind,
  replicas: replicasOf(row, facts),
  os: row.os ?? "linux",
  hostNetwork: hostNetworkOf(row, facts),
  ...amountsOf(row, facts),
  certainty: row.certainty,
  budget: budgets[row.name],
});

/** Budgets that AKS writes for its own Deployments, each keeping one pod (observed on public clusters; not documented). */
const budgets: Readonly<Record<string, string>> = {
  coredns: "coredns-pdb",
  "konnectivity-agent": "konnectivity-agent",
  "metrics-server": "metrics-server-pdb",
};

/** With kubenet the konnectivity agents run on the host's address ("Use kubenet networking"). */
const hostNetworkOf = (row: Row, facts: SystemFacts): boolean =>
  row.hostNetwork ?? (row.name === "konnectivity-agent" && facts.networks.has("kubenet"));

const replicasOf = (row: Row, facts: SystemFacts): number => {
  if (row.replicasFrom134 !== undefined && atLeastVersion(facts.kubernetesVersion, "1.34")) return row.replicasFrom134;
  if (typeof row.replicas === "number") return row.replicas;
  return row.replicas === undefined ? 1 : ladderReplicas(row.replicas.ladder, facts.cores, facts.nodes);
};

/** The larger of the two steps reached ("Autoscale CoreDNS", cluster-proportional-autoscaler ladder mode). */
export const ladderReplicas = (ladder: Ladder, cores: number, nodes: number): number => {
  const step = (steps: readonly (readonly [number, number])[], count: number): number =>
    steps.reduce((reached, [from, replicas]) => (count >= from ? replicas : reached), steps[0]?.[1] ?? 1);
  return Math.max(step(ladder.coresToReplicas, cores), step(ladder.nodesToReplicas, nodes));
};

const amountsOf = (row: Row, facts: SystemFacts): { requests: Amounts | undefined; limits: Amounts } => {
  const version = facts.kubernetesVersion;
  if (row.formula !== undefined) return metricsServerAmounts(row, facts);
  // On a cluster with node subnets alone the only node observed (1.32) shows no requests.
  if (row.name === "azure-cns" && !runsCns({ ...facts, networks: without(facts.networks, "nodeSubnet") }))
    return { requests: {}, limits: {} };
  const requests =
    row.requestsByVersion === undefined ? row.requests : byVersion(row.requestsByVersion, version, "<=1.30");
  const limits = row.limitsByVersion === undefined ? row.limits : byVersion(row.limitsByVersion, version, "1.24");
  return { requests: requests ?? undefined, limits: limits ?? {} };
};

const without = (networks: ReadonlySet<NetworkMode>, mode: NetworkMode): ReadonlySet<NetworkMode> =>
  new Set([...networks].filter((item) => item !== mode));

/** The amounts of the newest version not after the cluster's, else those of the oldest. */
const byVersion = (table: Readonly<Record<string, Amounts>>, version: string, oldest: string): Amounts | undefined => {
  let found = table[oldest];
  for (const [since, amounts] of Object.entries(table))
    if (!since.startsWith("<") && atLeastVersion(version, since)) found = amounts;
  return found;
};

/** From 1.30 the pod grows with the cluster: 150m + 0.5m a node and 100Mi + 4Mi a node, and the sidecar's 5m and 30Mi ("Use metrics-server"). */
const metricsServerAmounts = (row: Row, facts: SystemFacts): { requests: Amounts | undefined; limits: Amounts } => {
  if (!atLeastVersion(facts.kubernetesVersion, "1.30") && row.before130 !== undefined) return row.before130;
  const cpu = Math.ceil(150 + 0.5 * facts.nodes) + 5;
  const memory = 100 + 4 * facts.nodes + 30;
  return {
    requests: { cpu: `${cpu}m`, memory: `${memory}Mi` },
    limits: { cpu: `${cpu + 95}m`, memory: `${memory + 270}Mi` },
  };
};

/** Calico's own pods: their requests are not published; they take pod slots all the same. */
const calico = (facts: SystemFacts): readonly SystemWorkload[] => {
  if (facts.policy !== "calico") return [];
  const row = (
    name: string,
    namespace: string,
    kind: "Deployment" | "DaemonSet",
    replicas: number,
  ): SystemWorkload => ({
    name,
    namespace,
    kind,
    replicas,
    os: "linux",
    hostNetwork: true,
    requests: undefined,
    limits: {},
    certainty: "names from the upstream operator; requests and replicas unknown",
    budget: undefined,
  });
  return [
    row("calico-node", "calico-system", "DaemonSet", 0),
    row("calico-typha", "calico-system", "Deployment", Math.max(1, Math.min(facts.nodes, 3))),
    row("tigera-operator", "tigera-operator", "Deployment", 1),
  ];
};
