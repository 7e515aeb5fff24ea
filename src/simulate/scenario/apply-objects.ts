import { addressOf, type KubeObject } from "../../kubernetes/object.ts";
import { schedulerKinds } from "../predict-settle.ts";
import { admissionClasses, workloadKinds } from "../predict-workloads.ts";
import { claimsAmong, type ScenarioSide } from "./scenario-setup.ts";
import type { ScenarioWorld } from "./world.ts";
import { templateOf } from "./world-workloads.ts";

/**
 * Brings the world's objects from one side to the other: workloads are made, changed and deleted, budgets, DaemonSets and classes replaced.
 * Objects that are no longer there are deleted, as Terraform, Argo CD and Flux with pruning do it; `kubectl apply` alone would leave them.
 */
export const applyObjects = (
  world: ScenarioWorld,
  base: ScenarioSide,
  head: ScenarioSide,
  /** What the scheduler knows on either side, with the claims of StatefulSets. */
  known: { readonly base: readonly KubeObject[]; readonly head: readonly KubeObject[] },
): void => {
  const before = new Map(base.objects.map((object) => [addressOf(object), object]));
  const after = new Map(head.objects.map((object) => [addressOf(object), object]));
  const isChanged = (object: KubeObject): boolean =>
    JSON.stringify(before.get(addressOf(object))) !== JSON.stringify(object);
  for (const object of head.objects)
    if (schedulerKinds.has(object.kind) && isChanged(object)) world.cluster.addObject(object);
  const claimed = new Set(claimsAmong(known.base).map(addressOf));
  for (const object of known.head) {
    const isNewClaim = object.kind === "PersistentVolumeClaim" && !claimed.has(addressOf(object));
    const isNewVolume =
      object.kind === "PersistentVolume" && !before.has(addressOf(object)) && !isSettled(known.base, object);
    if (isNewClaim || isNewVolume) world.cluster.addObject(object);
  }
  for (const object of base.objects) if (!after.has(addressOf(object))) forget(world, object);
  world.setClasses(admissionClasses(head.objects));
  for (const object of head.objects) if (workloadKinds.has(object.kind)) bring(world, object, base, head);
  world.setObjects(head.objects);
};

const isSettled = (objects: readonly KubeObject[], object: KubeObject): boolean =>
  objects.some(({ kind, metadata }) => kind === object.kind && metadata.name === object.metadata.name);

const forget = (world: ScenarioWorld, object: KubeObject): void => {
  const workload = world.workload(addressOf(object));
  if (workload !== undefined) {
    world.tell("apply", workload.address, "is deleted");
    world.remove(workload);
  }
  if (schedulerKinds.has(object.kind))
    world.cluster.scheduler.removeObject(object.kind, object.metadata.namespace, object.metadata.name);
};

const bring = (world: ScenarioWorld, object: KubeObject, base: ScenarioSide, head: ScenarioSide): void => {
  const address = addressOf(object);
  const workload = world.workload(address);
  if (workload === undefined || workload.isDeleted) {
    if (workload === undefined) {
      if (world.create(object) !== undefined) world.tell("apply", address, "is created");
      return;
    }
    world.tell("apply", address, "is created");
    world.update(workload, object);
    world.scale(workload, replicasOf(object) ?? 1);
    return;
  }
  const earlier = base.objects.find((each) => addressOf(each) === address);
  const isOther =
    JSON.stringify(earlier === undefined ? null : templateOf(earlier)) !== JSON.stringify(templateOf(object));
  if (isOther && (object.kind === "Pod" || object.kind === "Job")) {
    world.tell("apply", address, "is refused: what its pods are made from is immutable; delete it first");
    return;
  }
  if (isOther && object.kind !== "CronJob") world.tell("apply", address, "is updated: its pods roll out");
  world.update(workload, object);
  const wanted = replicasAfter(address, base, head);
  if (wanted === undefined || wanted === workload.wanted) return;
  world.tell("apply", address, `${workload.wanted} → ${wanted} replicas, as the manifest says`);
  world.scale(workload, wanted);
};

const scaledKinds: ReadonlySet<string> = new Set(["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"]);

const replicasOf = (object: KubeObject | undefined): number | undefined =>
  (object as (KubeObject & { readonly spec?: { readonly replicas?: number } }) | undefined)?.spec?.replicas;

/**
 * A manifest with replicas sets them, whatever an HPA has made of them; one that no longer has them falls back to 1; one that never had
 * them leaves the number alone ("Horizontal Pod Autoscaling: Migrating Deployments and StatefulSets").
 */
const replicasAfter = (address: string, base: ScenarioSide, head: ScenarioSide): number | undefined => {
  const object = head.raw.get(address);
  if (object === undefined || !scaledKinds.has(object.kind)) return undefined;
  const given = replicasOf(object);
  if (given !== undefined) return given;
  return replicasOf(base.raw.get(address)) === undefined ? undefined : 1;
};
