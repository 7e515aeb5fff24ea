import { join, resolve } from "node:path";
import { usesNodeProvisioning } from "./azure/node-provisioning.ts";
import type { Platform } from "./azure/platform.ts";
import { type VmPrices, vmPricesFromRetail } from "./azure/retail-prices.ts";
import { quotasFromUsageDump, type VcpuQuota, vmSizesFromSkuDump } from "./azure/sku-dump.ts";
import type { VmSizeOverrides } from "./azure/vm-sizes.ts";
import { buildPlatform } from "./evaluate/azure-platform.ts";
import { withConfiguredNetworks } from "./evaluate/configured-networks.ts";
import { evaluateTerraform } from "./evaluate/evaluate.ts";
import { evaluatePlan } from "./evaluate/evaluate-plan.ts";
import { type HelmRelease, kubernetesObjectsOf } from "./evaluate/kubernetes-objects.ts";
import { type Mocks, mocksOf } from "./evaluate/mocks.ts";
import { renamedInstances } from "./evaluate/renamed-instances.ts";
import type { ResourceInstance } from "./evaluate/resource-instance.ts";
import type { VariableOption } from "./evaluate/root-variables.ts";
import { clusterNamed, clusterOfProvider, objectsOn } from "./graph/object-clusters.ts";
import { kindInfo } from "./kubernetes/kinds.ts";
import { kustomizeTools } from "./kubernetes/kustomize-tools.ts";
import { addressOf, type SourcedObject } from "./kubernetes/object.ts";
import { type ReadDocument, readObjects } from "./kubernetes/read-objects.ts";
import { type Configuration, loadConfiguration } from "./load/configuration.ts";
import { gitOpsSources, inSourceNamespace, sourceNotSeen } from "./load/gitops.ts";
import { loadManifests, type ManifestOptions, readManifestFile } from "./load/manifests.ts";
import { readJsonFile } from "./load/plan/json-document.ts";
import { readPlan } from "./load/plan/plan.ts";
import type { TerraformState } from "./load/plan/state.ts";
import { renderRelease } from "./load/release.ts";
import { runProgram } from "./load/render.ts";
import type { SourceTree } from "./load/source-tree.ts";
import { type Diagnostic, diagnostic, type Outcome } from "./model/diagnostic.ts";
import type { Json } from "./model/json.ts";
import type { SourceRange } from "./model/source-range.ts";

/** What the user points at. */
export interface ReviewInput {
  /** The repository, or the folder itself: ranges are relative to it, and nothing outside is read. */
  readonly tree: SourceTree;
  /** The root module below the tree's root; `""` for the root itself. */
  readonly directory: string;
  readonly variables: readonly VariableOption[];
  readonly environment: ReadonlyMap<string, string>;
  readonly mocks: Mocks;
  readonly state: TerraformState | undefined;
  /** `terraform show -json` of a plan, read in place of the configuration. */
  readonly plan: string | undefined;
  /** Files and folders; empty: what the configuration file names, else k8s/, manifests/ and deploy/. */
  readonly manifests: readonly string[];
  /** `kubectl get -A -o json` of what runs already. */
  readonly clusterDump: string | undefined;
  readonly allowExec: boolean;
  /** Address or name of the one cluster that is read, with its objects; all where left out. */
  readonly cluster?: string | undefined;
}

/** One side of a review, read and evaluated. */
export interface ReadPlatform {
  readonly input: ReviewInput;
  readonly configuration: Configuration;
  readonly platform: Platform;
  readonly instances: readonly ResourceInstance[];
  readonly objects: readonly SourcedObject[];
  readonly diagnostics: readonly Diagnostic[];
  /** Where an address of an earlier configuration is in this one. */
  readonly moved: (address: string) => string;
}

/** Step one: text to the Azure model and the Kubernetes objects. */
export const readPlatform = (
  input: ReviewInput,
  rename: (address: string) => string = (address) => address,
): ReadPlatform => {
  const { value: configuration, diagnostics: fromConfiguration } = loadConfiguration(
    join(input.tree.root, input.directory),
    input.directory,
    input.tree.root,
  );
  const { value: read, diagnostics: fromTerraform } = readInstances(input, configuration);
  const instances = renamedInstances(read.instances, rename);
  const { value: built, diagnostics: fromPlatform } = buildPlatform(instances);
  const platform = withConfiguredNetworks(built, {
    subnets: configuration.subnets,
    peeredRanges: configuration.peeredRanges,
    range: configuration.origins.get("subnets"),
  });
  const terraformObjects = kubernetesObjectsOf(instances);
  const { value: documents, diagnostics: fromManifests } = readDocuments(input, configuration, platform);
  const clusterOf = providerClusters(platform);
  const releases = readReleases(terraformObjects.releases, clusterOf, input);
  const { value: objects, diagnostics: fromObjects } = readObjects([
    ...documents,
    ...releases.value,
    ...terraformObjects.objects.map((object): ReadDocument => {
      const range = object.range ?? nowhere(object.address);
      return {
        value: object.document,
        range,
        rangeAt: (path) => object.rangeAt(path) ?? range,
        cluster: clusterOf(object.instance),
        partial: object.partial,
      };
    }),
  ]);
  const diagnostics = [
    ...fromConfiguration,
    ...fromTerraform,
    ...fromPlatform,
    ...terraformObjects.diagnostics,
    ...releases.diagnostics,
    ...fromManifests,
    ...fromObjects,
    ...carriedKinds(objects, platform),
    ...elsewhere(platform, objects),
    ...(platform.clusters.some((cluster) => !cluster.isData) ? [] : [noCluster(input, fromTerraform)]),
  ];
  return onlyCluster({ input, configuration, platform, instances, objects, diagnostics, moved: read.moved });
};

/** The platform with the cluster that was asked for alone. */
const onlyCluster = (read: ReadPlatform): ReadPlatform => {
  const { platform, objects, diagnostics } = read;
  const { cluster: name } = read.input;
  if (name === undefined) return read;
  const cluster = clusterNamed(platform, name);
  return {
    ...read,
    platform: { ...platform, clusters: cluster === undefined ? [] : [cluster] },
    objects: cluster === undefined ? objects : objectsOn({ platform, objects }, cluster.address),
    diagnostics: cluster === undefined ? [...diagnostics, noClusterNamed(name, platform)] : diagnostics,
  };
};

const noClusterNamed = (name: string, platform: Platform): Diagnostic => {
  const made = platform.clusters.filter(({ isData }) => !isData).map(({ address }) => address);
  return diagnostic({
    code: "AKS9415",
    severity: "error",
    summary: "There is no such cluster",
    detail: `"${name}" is neither address nor name of a cluster of this configuration${made.length === 0 ? "" : ` (${made.join(", ")})`}. Correct --cluster.`,
  });
};

interface ReadInstances {
  readonly instances: readonly ResourceInstance[];
  readonly moved: (address: string) => string;
}

const unmoved = (address: string): string => address;

const readInstances = (input: ReviewInput, configuration: Configuration): Outcome<ReadInstances> => {
  if (input.plan !== undefined) {
    const { value: bytes, diagnostics } = readJsonFile(input.plan, input.plan);
    const plan = bytes === undefined ? undefined : readPlan(bytes, input.plan);
    if (plan?.value === undefined)
      return {
        value: { instances: [], moved: unmoved },
        diagnostics: [...diagnostics, ...(plan?.diagnostics ?? [])],
      };
    const evaluated = evaluatePlan(plan.value);
    return {
      value: { instances: evaluated.value.instances, moved: unmoved },
      diagnostics: [...diagnostics, ...plan.diagnostics, ...evaluated.diagnostics],
    };
  }
  const problems: Diagnostic[] = [];
  const files = configuration.variableFiles.map((path): VariableOption => ({ kind: "file", path }));
  const { value, diagnostics } = evaluateTerraform({
    tree: input.tree,
    directory: input.directory,
    variables: [...files, ...input.variables],
    environment: input.environment,
    mocks: { ...readMocks(input, configuration, problems), ...input.mocks },
    moduleSources: new Map([...configuration.modules].map(([source, path]) => [source, join(input.directory, path)])),
    ...(input.state === undefined ? {} : { state: input.state }),
  });
  return {
    value: { instances: value.instances, moved: value.moved },
    diagnostics: [...problems, ...diagnostics],
  };
};

/** The mocks that the configuration file names. */
const readMocks = (input: ReviewInput, configuration: Configuration, problems: Diagnostic[]): Mocks => {
  if (configuration.mocks === undefined) return {};
  return mocksOf(readJson(input, configuration.mocks, problems)) ?? {};
};

/** A JSON file that the configuration file names, relative to it. */
const readJson = (input: ReviewInput, name: string, problems: Diagnostic[]): Json | undefined => {
  const path = join(input.directory, name);
  const { value: text, diagnostics } = input.tree.readText(path);
  problems.push(...diagnostics);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    problems.push(
      diagnostic({
        code: "AKS9403",
        severity: "error",
        summary: "A file of the configuration is no JSON",
        detail: `"${path}", which aks-twin.yaml names, cannot be read as JSON. Write it anew, such as with: az vm list-skus -o json.`,
      }),
    );
    return undefined;
  }
};

const usualFolders = ["k8s", "manifests", "deploy"];

const readDocuments = (
  input: ReviewInput,
  configuration: Configuration,
  platform: Platform,
): Outcome<readonly ReadDocument[]> => {
  const directory = join(input.tree.root, input.directory);
  const options = {
    root: input.tree.root,
    kustomize: kustomizeTools,
    ...(input.allowExec ? { render: runProgram } : {}),
  };
  const named =
    input.manifests.length > 0 ? input.manifests : configuration.manifests.map((path) => resolve(directory, path));
  const usual = usualFolders
    .filter((name) => input.tree.kindOf(join(input.directory, name)) === "directory")
    .map((name) => join(directory, name));
  const ofClusters = input.manifests.length > 0 ? [] : [...configuration.clusters];
  const common = named.length > 0 || ofClusters.length > 0 ? named : usual;
  const given = withDeployed(loadManifests(common, options), input, options);
  const separate = ofClusters.map(([name, paths]) => {
    const { value, diagnostics } = loadManifests(
      paths.map((path) => resolve(directory, path)),
      options,
    );
    const found = withDeployed({ value, diagnostics }, input, options);
    const cluster = clusterNamed(platform, name);
    return cluster === undefined
      ? { value: [], diagnostics: [noSuchCluster(name, platform, configuration)] }
      : { value: found.value.map((document) => onCluster(document, cluster.address)), diagnostics: found.diagnostics };
  });
  const dump =
    input.clusterDump === undefined ? { value: [], diagnostics: [] } : readManifestFile(input.clusterDump, options);
  return {
    value: [...dump.value, ...given.value, ...separate.flatMap(({ value }) => value)],
    diagnostics: [...dump.diagnostics, ...given.diagnostics, ...separate.flatMap(({ diagnostics }) => diagnostics)],
  };
};

const withDeployed = (
  given: Outcome<readonly ReadDocument[]>,
  input: ReviewInput,
  options: ManifestOptions,
): Outcome<readonly ReadDocument[]> => {
  const deployed = readGitOps(given.value, input, options);
  return {
    value: [...given.value, ...deployed.value],
    diagnostics: [...given.diagnostics, ...deployed.diagnostics],
  };
};

const onCluster = ({ value, range, rangeAt }: ReadDocument, cluster: string): ReadDocument => ({
  value,
  range,
  rangeAt,
  cluster,
});

/** The cluster that a provider's configuration names; asked only where there is more than one to choose from. */
const providerClusters = (platform: Platform): ((instance: ResourceInstance) => string | undefined) => {
  if (platform.clusters.length < 2) return () => undefined;
  return ({ providerTargets = [] }) => clusterOfProvider(platform, providerTargets)?.address;
};

/** The objects of Helm releases whose chart is in the repository; the others are named. */
const readReleases = (
  releases: readonly HelmRelease[],
  clusterOf: (instance: ResourceInstance) => string | undefined,
  input: ReviewInput,
): Outcome<readonly ReadDocument[]> => {
  const value: ReadDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const release of releases) {
    const shown = release.chart === undefined ? undefined : input.tree.shownPath(join(input.directory, release.chart));
    if (release.repository !== undefined || shown === undefined || input.tree.kindOf(shown) !== "directory") {
      diagnostics.push(releaseNotSeen(release.address, release.chart, release.range));
      continue;
    }
    const { name = "release", namespace, values, set } = release;
    const chart = join(input.tree.root, shown);
    const rendered = renderRelease(
      { name, namespace, chart, values, set },
      input.tree.root,
      input.allowExec ? runProgram : undefined,
    );
    diagnostics.push(...rendered.diagnostics);
    for (const document of rendered.value)
      value.push({
        value: inSourceNamespace(document.value, namespace),
        range: release.range ?? document.range,
        rangeAt: () => release.range ?? document.range,
        cluster: clusterOf(release.instance),
      });
  }
  return { value, diagnostics };
};

/** What Argo CD and Flux deploy from folders of this repository that were not read already. */
const readGitOps = (
  documents: readonly ReadDocument[],
  input: ReviewInput,
  options: ManifestOptions,
): Outcome<readonly ReadDocument[]> => {
  const read = new Set(documents.map(({ range }) => range.file));
  const value: ReadDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const source of gitOpsSources(documents)) {
    const shown = input.tree.shownPath(source.path);
    if (shown === undefined || input.tree.kindOf(shown) !== "directory") {
      diagnostics.push(sourceNotSeen(source));
      continue;
    }
    const found = loadManifests([join(input.tree.root, shown)], options);
    diagnostics.push(...found.diagnostics);
    for (const document of found.value)
      if (!read.has(document.range.file))
        value.push({
          value: inSourceNamespace(document.value, source.namespace),
          range: document.range,
          rangeAt: document.rangeAt,
        });
  }
  return { value, diagnostics };
};

/** Sizes of the SKU dump that the configuration names, where it names one. */
export const vmSizes = (read: ReadPlatform, diagnostics: Diagnostic[] = []): VmSizeOverrides | undefined => {
  const { skus } = read.configuration;
  if (skus === undefined) return undefined;
  const dump = readJson(read.input, skus, diagnostics);
  return dump === undefined ? undefined : vmSizesFromSkuDump(dump);
};

/** Prices of the file that aks-twin.yaml names, where it names one. */
export const vmPrices = (read: ReadPlatform, diagnostics: Diagnostic[] = []): VmPrices | undefined => {
  const { prices } = read.configuration;
  if (prices === undefined) return undefined;
  const answers = readJson(read.input, prices, diagnostics);
  return answers === undefined ? undefined : vmPricesFromRetail(answers);
};

/** Quotas of the file that aks-twin.yaml names, where it names one. */
export const vcpuQuotas = (
  read: ReadPlatform,
  diagnostics: Diagnostic[],
): ReadonlyMap<string, VcpuQuota> | undefined => {
  const { usage } = read.configuration;
  if (usage === undefined) return undefined;
  const dump = readJson(read.input, usage, diagnostics);
  return dump === undefined ? undefined : quotasFromUsageDump(dump);
};

const noCluster = (input: ReviewInput, problems: readonly Diagnostic[]): Diagnostic =>
  diagnostic({
    code: "AKS9404",
    severity: problems.some(({ severity }) => severity === "error") ? "info" : "warning",
    summary: "There is no AKS cluster to run",
    detail: `No azurerm_kubernetes_cluster and no azapi_resource of Microsoft.ContainerService/managedClusters was found in "${input.plan ?? (input.directory || ".")}". Nodes, pods and addresses are not predicted. Give the folder of the root module that makes the cluster.`,
  });

/** What node auto-provisioning reads. */
const provisioningKinds = new Set(["NodePool.karpenter.sh", "AKSNodeClass.karpenter.azure.com"]);

/** Objects of custom kinds are carried and drawn; what their controllers would do is not known. */
const carriedKinds = (objects: readonly SourcedObject[], { clusters }: Platform): readonly Diagnostic[] => {
  const counts = new Map<string, number>();
  const provisions = clusters.some(usesNodeProvisioning);
  const foreign = objects.filter(
    ({ object: { apiVersion, kind } }) =>
      kindInfo(apiVersion, kind) === undefined &&
      !(provisions && provisioningKinds.has(`${kind}.${apiVersion.split("/")[0]}`)),
  );
  for (const { object } of foreign) {
    const kind = `${object.kind} (${object.apiVersion})`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const first = foreign[0];
  if (first === undefined) return [];
  const list = [...counts].map(([kind, count]) => `${count} ${kind}`).sort();
  return [
    diagnostic({
      code: "AKS9407",
      severity: "info",
      summary: "Objects of custom kinds are not simulated",
      detail: `${list.join(", ")}: carried and drawn in the graph, but what their controllers would make of them is not known. Give what they make with --manifests or --cluster-dump.`,
      range: first.range,
    }),
  ];
};

/** Objects for a cluster that the configuration only reads take no part in any prediction. */
const elsewhere = (platform: Platform, objects: readonly SourcedObject[]): readonly Diagnostic[] =>
  platform.clusters
    .filter(({ isData }) => isData)
    .flatMap(({ address }) => {
      const own = objects.filter(({ cluster }) => cluster === address);
      const [first] = own;
      if (first === undefined) return [];
      return [
        diagnostic({
          code: "AKS9413",
          severity: "info",
          summary: "Objects go to a cluster that is not made here",
          detail: `${own.length === 1 ? `${addressOf(first.object)} goes` : `${own.length} objects go`} to the cluster that ${address} reads, as the provider's configuration says. Nothing is predicted of them; review the configuration that makes that cluster, with these manifests.`,
          subject: address,
          range: first.range,
        }),
      ];
    });

const noSuchCluster = (name: string, platform: Platform, { file, origins }: Configuration): Diagnostic => {
  const made = platform.clusters.filter(({ isData }) => !isData).map(({ address }) => address);
  const range = origins.get("clusters");
  return diagnostic({
    code: "AKS9414",
    severity: "error",
    summary: "aks-twin.yaml names a cluster that is not there",
    detail: `"clusters.${name}" of ${file ?? "aks-twin.yaml"} is neither address nor name of a cluster of this configuration${made.length === 0 ? "" : ` (${made.join(", ")})`}, so its manifests are left out. Correct the name.`,
    ...(range === undefined ? {} : { range }),
  });
};

const releaseNotSeen = (address: string, chart: string | undefined, range: SourceRange | undefined): Diagnostic =>
  diagnostic({
    code: "AKS9405",
    severity: "info",
    summary: "A Helm release is not seen",
    detail: `The chart ${chart === undefined ? "" : `"${chart}" `}of ${address} is not rendered, so its pods are missing from the prediction. Render it with "helm template" and give the output with --manifests.`,
    subject: address,
    ...(range === undefined ? {} : { range }),
  });

const nowhere = (file: string): SourceRange => {
  const start = { line: 1, column: 1, offset: 0 };
  return { file, start, end: start };
};
