import { identityOfClientId } from "../azure/client-id.ts";
import type { Platform } from "../azure/platform.ts";
import type { Ingress, NetworkPolicy, Service } from "../kubernetes/networking.ts";
import { addressOf, type SourcedObject } from "../kubernetes/object.ts";
import type { Volume } from "../kubernetes/pod.ts";
import { compileLabelMap, compileLabelSelector, type LabelMatcher } from "../kubernetes/selectors.ts";
import type { PersistentVolumeClaim } from "../kubernetes/storage.ts";
import type { HorizontalPodAutoscaler, PodDisruptionBudget } from "../kubernetes/workloads.ts";
import { isJsonObject } from "../model/json.ts";
import { known } from "../model/unknown.ts";
import { parseImage } from "./images.ts";
import { claimTemplatesOf, containersOf, type Workload, workloadsOf } from "./pod-templates.ts";
import { registryOfHost } from "./registries.ts";
import type { EdgeKind, GraphBuilder } from "./resource-graph.ts";

/** Nodes and edges of the Kubernetes objects, and those that lead from them into Azure. */
export const addKubernetes = (builder: GraphBuilder, platform: Platform, objects: readonly SourcedObject[]): void => {
  for (const { object, range } of objects) builder.node(addressOf(object), object.kind, "kubernetes", range);
  const workloads = byNamespace(workloadsOf(objects));
  for (const source of objects) addObject(builder, platform, source, workloads);
  for (const workload of workloadsOf(objects)) addWorkload(builder, platform, workload);
  addServiceAccounts(builder, platform, objects);
};

type ByNamespace = ReadonlyMap<string, readonly Workload[]>;

const byNamespace = (workloads: readonly Workload[]): ByNamespace => {
  const map = new Map<string, Workload[]>();
  for (const workload of workloads) {
    const list = map.get(workload.namespace);
    if (list === undefined) map.set(workload.namespace, [workload]);
    else list.push(workload);
  }
  return map;
};

const addObject = (builder: GraphBuilder, platform: Platform, source: SourcedObject, workloads: ByNamespace): void => {
  const { object } = source;
  const from = addressOf(object);
  const namespace = object.metadata.namespace ?? "default";
  const select = (matcher: LabelMatcher, kind: EdgeKind, path: readonly string[]): void => {
    for (const workload of workloads.get(namespace) ?? []) {
      if (matcher.matches(workload.labels)) builder.edge(from, workload.address, kind, source.rangeAt(path));
    }
  };
  if (object.metadata.namespace !== undefined) builder.edge(`Namespace/${namespace}`, from, "contains", source.range);
  for (const owner of object.metadata.ownerReferences ?? []) {
    builder.edge(from, `${owner.kind}/${namespace}/${owner.name}`, "ownedBy", source.range);
  }
  switch (object.kind) {
    case "Service": {
      const { spec } = object as Service;
      if (spec?.selector !== undefined && Object.keys(spec.selector).length > 0) {
        select(compileLabelMap(spec.selector), "selects", ["spec", "selector"]);
      }
      addServiceAddress(builder, platform, source, from);
      return;
    }
    case "PodDisruptionBudget":
      select(compileLabelSelector((object as PodDisruptionBudget).spec?.selector), "guards", ["spec", "selector"]);
      return;
    case "NetworkPolicy":
      select(compileLabelSelector((object as NetworkPolicy).spec?.podSelector ?? {}), "selects", [
        "spec",
        "podSelector",
      ]);
      return;
    case "HorizontalPodAutoscaler": {
      const target = (object as HorizontalPodAutoscaler).spec?.scaleTargetRef;
      if (target === undefined) return;
      builder.edge(
        from,
        `${target.kind}/${namespace}/${target.name}`,
        "scales",
        source.rangeAt(["spec", "scaleTargetRef"]),
      );
      return;
    }
    case "Ingress":
      addIngress(builder, source, namespace, from);
      return;
    case "PersistentVolumeClaim": {
      const { spec } = object as PersistentVolumeClaim;
      builder.edge(
        from,
        classNode(spec?.storageClassName),
        "provisionedBy",
        source.rangeAt(["spec", "storageClassName"]),
      );
      builder.edge(
        from,
        pathOf("PersistentVolume", spec?.volumeName),
        "mounts",
        source.rangeAt(["spec", "volumeName"]),
      );
      return;
    }
    case "RoleBinding":
    case "ClusterRoleBinding":
      addBinding(builder, source, namespace, from);
      return;
    case "SecretProviderClass":
      addSecretProvider(builder, platform, source, from);
      return;
  }
};

const classNode = (name: string | undefined): string | undefined => pathOf("StorageClass", name);
const pathOf = (kind: string, name: string | undefined): string | undefined =>
  name === undefined || name === "" ? undefined : `${kind}/${name}`;

const addServiceAddress = (builder: GraphBuilder, platform: Platform, source: SourcedObject, from: string): void => {
  const annotations = source.object.metadata.annotations ?? {};
  const name = annotations["service.beta.kubernetes.io/azure-pip-name"];
  const address =
    annotations["service.beta.kubernetes.io/azure-load-balancer-ipv4"] ??
    (source.object as Service).spec?.loadBalancerIP;
  const ip = platform.publicIps.find(
    (candidate) =>
      (name !== undefined && known(candidate.name) === name) ||
      (address !== undefined && known(candidate.ipAddress) === address),
  );
  builder.edge(from, ip?.address, "exposedThrough", source.rangeAt(["metadata", "annotations"]));
  const subnet = annotations["service.beta.kubernetes.io/azure-load-balancer-internal-subnet"];
  const inSubnet = platform.subnets.find((candidate) => subnet !== undefined && known(candidate.name) === subnet);
  builder.edge(from, inSubnet?.address, "inSubnet", source.rangeAt(["metadata", "annotations"]));
};

const addIngress = (builder: GraphBuilder, source: SourcedObject, namespace: string, from: string): void => {
  const { spec } = source.object as Ingress;
  const to = (name: string | undefined, path: readonly (string | number)[]): void =>
    builder.edge(
      from,
      name === undefined ? undefined : `Service/${namespace}/${name}`,
      "routesTo",
      source.rangeAt(path),
    );
  to(spec?.defaultBackend?.service?.name, ["spec", "defaultBackend"]);
  for (const [index, rule] of (spec?.rules ?? []).entries()) {
    for (const [at, path] of (rule.http?.paths ?? []).entries()) {
      to(path.backend?.service?.name, ["spec", "rules", index, "http", "paths", at, "backend"]);
    }
  }
  for (const tls of spec?.tls ?? []) {
    const secret = tls.secretName === undefined ? undefined : `Secret/${namespace}/${tls.secretName}`;
    builder.edge(from, secret, "reads", source.rangeAt(["spec", "tls"]));
  }
};

interface Binding {
  readonly roleRef?: { readonly kind?: string; readonly name?: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
}

const addBinding = (builder: GraphBuilder, source: SourcedObject, namespace: string, from: string): void => {
  const { roleRef, subjects } = source.object as SourcedObject["object"] & Binding;
  const role = roleRef?.kind === "Role" ? `Role/${namespace}/${roleRef.name}` : `ClusterRole/${roleRef?.name}`;
  builder.edge(from, role, "binds", source.rangeAt(["roleRef"]));
  for (const subject of subjects ?? []) {
    if (subject.kind !== "ServiceAccount") continue;
    const account = `ServiceAccount/${subject.namespace ?? namespace}/${subject.name}`;
    builder.edge(from, account, "grants", source.rangeAt(["subjects"]));
  }
};

const addSecretProvider = (builder: GraphBuilder, platform: Platform, source: SourcedObject, from: string): void => {
  const { spec } = source.object as SourcedObject["object"] & {
    readonly spec?: { readonly parameters?: Readonly<Record<string, string>> };
  };
  const name = spec?.parameters?.["keyvaultName"] ?? spec?.parameters?.["keyVaultName"];
  const vault = platform.keyVaults.find((candidate) => name !== undefined && known(candidate.name) === name);
  builder.edge(from, vault?.address, "readsFrom", source.rangeAt(["spec", "parameters"]));
};

const addWorkload = (builder: GraphBuilder, platform: Platform, workload: Workload): void => {
  const { address, namespace, spec, rangeAt } = workload;
  const account = spec.serviceAccountName;
  if (account !== undefined) {
    builder.edge(address, `ServiceAccount/${namespace}/${account}`, "authenticatesAs", rangeAt(["serviceAccountName"]));
  }
  for (const secret of spec.imagePullSecrets ?? []) {
    builder.edge(address, `Secret/${namespace}/${secret.name}`, "reads", rangeAt(["imagePullSecrets"]));
  }
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    for (const target of volumeTargets(volume, namespace)) {
      builder.edge(address, target, "mounts", rangeAt(["volumes", index]));
    }
  }
  for (const claim of claimTemplatesOf(workload)) {
    builder.edge(
      address,
      classNode(claim.spec?.storageClassName),
      "provisionedBy",
      workload.source.rangeAt(["spec", "volumeClaimTemplates"]),
    );
  }
  for (const { container, path } of containersOf(spec)) {
    for (const target of environmentTargets(container, namespace))
      builder.edge(address, target, "reads", rangeAt(path));
    if (container.image === undefined || container.image === "") continue;
    const { registry } = parseImage(container.image);
    const azure = registryOfHost(platform, registry);
    const to = azure?.address ?? `registry:${registry}`;
    if (azure === undefined) builder.node(to, "registry", "derived");
    builder.edge(address, to, "pullsFrom", rangeAt([...path, "image"]));
  }
  const pool = spec.nodeSelector?.["kubernetes.azure.com/agentpool"] ?? spec.nodeSelector?.["agentpool"];
  for (const cluster of platform.clusters) {
    const target = cluster.pools.find((candidate) => pool !== undefined && known(candidate.name) === pool);
    builder.edge(address, target?.address, "runsOn", rangeAt(["nodeSelector"]));
  }
};

const volumeTargets = (volume: Volume, namespace: string): readonly string[] => {
  const named = (kind: string, name: unknown): string[] =>
    typeof name === "string" && name !== "" ? [`${kind}/${namespace}/${name}`] : [];
  const attributes = volume.csi?.["volumeAttributes"];
  const sources = volume.projected?.["sources"];
  return [
    ...named("PersistentVolumeClaim", volume.persistentVolumeClaim?.claimName),
    ...named("ConfigMap", volume.configMap?.["name"]),
    ...named("Secret", volume.secret?.["secretName"]),
    ...named("SecretProviderClass", isJsonObject(attributes) ? attributes["secretProviderClass"] : undefined),
    ...(Array.isArray(sources) ? sources : []).flatMap((source) =>
      isJsonObject(source)
        ? [...named("ConfigMap", nameIn(source["configMap"])), ...named("Secret", nameIn(source["secret"]))]
        : [],
    ),
  ];
};

const nameIn = (value: unknown): unknown => (isJsonObject(value) ? value["name"] : undefined);

const environmentTargets = (
  container: { readonly env?: readonly unknown[]; readonly envFrom?: readonly unknown[] },
  namespace: string,
): readonly string[] => {
  const targets: string[] = [];
  const add = (kind: string, value: unknown): void => {
    const name = nameIn(value);
    if (typeof name === "string" && name !== "") targets.push(`${kind}/${namespace}/${name}`);
  };
  for (const source of container.envFrom ?? []) {
    if (!isJsonObject(source)) continue;
    add("ConfigMap", source["configMapRef"]);
    add("Secret", source["secretRef"]);
  }
  for (const variable of container.env ?? []) {
    const from = isJsonObject(variable) ? variable["valueFrom"] : undefined;
    if (!isJsonObject(from)) continue;
    add("ConfigMap", from["configMapKeyRef"]);
    add("Secret", from["secretKeyRef"]);
  }
  return targets;
};

/** A ServiceAccount acts as a managed identity where its annotation names the client id, or a credential names it as subject. */
const addServiceAccounts = (builder: GraphBuilder, platform: Platform, objects: readonly SourcedObject[]): void => {
  for (const source of objects) {
    const { object } = source;
    if (object.kind !== "ServiceAccount") continue;
    const clientId = object.metadata.annotations?.["azure.workload.identity/client-id"];
    if (clientId === undefined) continue;
    const subject = `system:serviceaccount:${object.metadata.namespace ?? "default"}:${object.metadata.name}`;
    const byId = identityOfClientId(platform.identities, clientId);
    const range = source.rangeAt(["metadata", "annotations", "azure.workload.identity/client-id"]);
    builder.edge(addressOf(object), byId?.address, "authenticatesAs", range);
    for (const credential of platform.federatedCredentials) {
      if (known(credential.subject) !== subject) continue;
      builder.edge(credential.address, addressOf(object), "trusts", credential.rangeAt("subject"));
      if (byId === undefined) builder.edge(addressOf(object), credential.identity.address, "authenticatesAs", range);
    }
  }
};
