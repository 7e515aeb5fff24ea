import type { Json, JsonObject } from "../../model/json.ts";
import { listAt, objectAt, objectsAt, sameJson, textAt, withField } from "../fields.ts";
import { parseQuantity } from "../quantity.ts";
import { type FieldProblem, forbidden, invalid, type Problems } from "./field-problem.ts";
import { internalJson } from "./internal-json.ts";
import { unifiedDiff } from "./unified-diff.ts";

type Rule = (spec: JsonObject, before: JsonObject, object: JsonObject, previous: JsonObject) => Problems;

/** Kinds whose strategies look at the selector only after everything else. */
export const selectorLast: ReadonlySet<string> = new Set(["apps/Deployment", "apps/ReplicaSet", "apps/DaemonSet"]);

/** What a change of an object may not touch (the ValidateUpdate functions of v1.35). */
export const validateUpdate = (key: string, object: JsonObject, previous: JsonObject): Problems =>
  rules[key]?.(objectAt(object, "spec"), objectAt(previous, "spec"), object, previous) ?? [];

const immutable = (field: string, value: Json | undefined, before: Json | undefined): Problems =>
  sameJson(value ?? null, before ?? null) ? [] : [invalid(field, value ?? null, "field is immutable")];

const podText =
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
const claimText =
  "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
const statefulText =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

/** The new spec with what may change taken from the old one. */
const withoutImages = (spec: JsonObject, before: JsonObject): JsonObject => {
  let munged = spec;
  for (const field of ["containers", "initContainers"]) {
    const old = objectsAt(before, field);
    const list = objectsAt(spec, field);
    if (list.length === old.length && list.length > 0) {
      munged = withField(
        munged,
        [field],
        list.map((container, index) => ({ ...container, image: old[index]?.["image"] ?? "" })),
      );
    }
  }
  munged = withField(munged, ["tolerations"], before["tolerations"]);
  munged = withField(munged, ["schedulingGates"], before["schedulingGates"]);
  munged = withField(munged, ["activeDeadlineSeconds"], before["activeDeadlineSeconds"]);
  if (Number(before["terminationGracePeriodSeconds"] ?? 0) < 0 && spec["terminationGracePeriodSeconds"] === 1) {
    munged = withField(munged, ["terminationGracePeriodSeconds"], before["terminationGracePeriodSeconds"]);
  }
  return munged;
};

const updatePod: Rule = (spec, before) => {
  const resized = ["containers", "initContainers"].find(
    (field) => listAt(spec, field).length !== listAt(before, field).length,
  );
  if (resized !== undefined) return [forbidden(`spec.${resized}`, "pod updates may not add or remove containers")];
  const [deadline, formerDeadline] = [spec["activeDeadlineSeconds"], before["activeDeadlineSeconds"]];
  const field = "spec.activeDeadlineSeconds";
  const problems: FieldProblem[] = [];
  if (deadline === undefined && formerDeadline !== undefined) {
    problems.push(invalid(field, null, "must not update from a positive integer to nil value"));
  } else if (formerDeadline !== undefined && Number(formerDeadline) < Number(deadline)) {
    return [invalid(field, deadline ?? null, "must be less than or equal to previous value")];
  }
  problems.push(...changedTolerations(spec, before), ...addedGates(spec, before));
  let munged = withoutImages(spec, before);
  if (listAt(before, "schedulingGates").length > 0) {
    problems.push(...changedNodeSelector(spec, before));
    munged = withField(munged, ["nodeSelector"], before["nodeSelector"]);
  }
  if (sameJson(munged, before)) return problems;
  const diff = unifiedDiff(internalJson(before, "PodSpec"), internalJson(munged, "PodSpec"));
  return [...problems, forbidden("spec", `${podText}\n${diff}`)];
};

/** Tolerations are only added, or get other seconds. */
const changedTolerations = (spec: JsonObject, before: JsonObject): Problems => {
  const timeless = (toleration: Json): JsonObject => withField(objectAt(toleration), ["tolerationSeconds"], undefined);
  const now = listAt(spec, "tolerations").map(timeless);
  const isKept = listAt(before, "tolerations")
    .map(timeless)
    .every((known) => now.some((one) => sameJson(one, known)));
  const text = "existing toleration can not be modified except its tolerationSeconds";
  return isKept ? [] : [forbidden("spec.tolerations", text)];
};

const addedGates = (spec: JsonObject, before: JsonObject): Problems => {
  const known = objectsAt(before, "schedulingGates").map((gate) => textAt(gate, "name"));
  return objectsAt(spec, "schedulingGates").flatMap((gate, index) => {
    const name = textAt(gate, "name");
    const text = `only deletion is allowed, but found new scheduling gate '${name}'`;
    return known.includes(name) ? [] : [forbidden(`spec.schedulingGates[${index}].name`, text)];
  });
};

/** A pod that waits at a gate may get further node labels to ask for. */
const changedNodeSelector = (spec: JsonObject, before: JsonObject): Problems => {
  const now = objectAt(spec, "nodeSelector");
  const isKept = Object.entries(objectAt(before, "nodeSelector")).every(([key, value]) => now[key] === value);
  const text = "only additions to spec.nodeSelector are allowed (no mutations or deletions)";
  return isKept ? [] : [invalid("spec.nodeSelector", now, text)];
};

const updateClaim: Rule = (spec, before, _, previous) => {
  const isBound = textAt(previous, "status", "phase") === "Bound";
  const storage = (value: JsonObject): bigint =>
    parseQuantity((objectAt(value, "resources", "requests")["storage"] ?? "0") as string)?.nano ?? 0n;
  const hadNone = textAt(before, "volumeName") === "";
  let munged = hadNone ? withField(spec, ["volumeName"], before["volumeName"]) : spec;
  if (isBound) munged = withField(munged, ["resources", "requests"], objectAt(before, "resources", "requests"));
  if (!sameJson(munged, before)) {
    const diff = unifiedDiff(
      internalJson(before, "PersistentVolumeClaimSpec"),
      internalJson(munged, "PersistentVolumeClaimSpec"),
    );
    return [forbidden("spec", `${claimText}\n${diff}`)];
  }
  return storage(spec) < storage(before)
    ? [forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")]
    : [];
};

const mutableOfSet = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
];

const updateStatefulSet: Rule = (spec, before) => {
  let munged = spec;
  for (const field of mutableOfSet) munged = withField(munged, [field], before[field]);
  return sameJson(munged, before) ? [] : [forbidden("spec", statefulText)];
};

const updateService: Rule = (spec, before) => {
  const [now, then] = [
    textAt(spec, "clusterIP") || String(listAt(spec, "clusterIPs")[0] ?? ""),
    textAt(before, "clusterIP"),
  ];
  const isKept =
    spec["type"] === "ExternalName" || before["type"] === "ExternalName" || now === "" || then === "" || now === then;
  return isKept ? [] : [invalid("spec.clusterIPs[0]", [now], "may not change once set")];
};

const updateJob: Rule = (spec, before, object) => [
  ...changedCompletions(spec, before),
  ...immutable("spec.selector", spec["selector"], before["selector"]),
  ...(sameJson(spec["template"], before["template"])
    ? []
    : [
        invalid(
          "spec.template",
          internalJson(objectAt(object, "spec", "template"), "PodTemplateSpec"),
          "field is immutable",
        ),
      ]),
  ...["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"].flatMap((field) =>
    immutable(`spec.${field}`, spec[field], before[field]),
  ),
];

/** An indexed Job grows and shrinks when it runs all its indexes at once. */
const changedCompletions = (spec: JsonObject, before: JsonObject): Problems => {
  const [now, then] = [spec["completions"], before["completions"]];
  if (spec["completionMode"] !== "Indexed") return immutable("spec.completions", now, then);
  if (now === undefined || then === undefined || now === then || now === (spec["parallelism"] ?? 1)) return [];
  return [invalid("spec.completions", now, "can only be modified in tandem with spec.parallelism")];
};

const updateConfig: Rule = (_, __, object, previous) => {
  if (previous["immutable"] !== true) return [];
  const text = "field is immutable when `immutable` is set";
  return [
    ...(object["immutable"] === true ? [] : [forbidden("immutable", text)]),
    ...(sameJson(object["data"] ?? {}, previous["data"] ?? {}) ? [] : [forbidden("data", text)]),
    ...(sameJson(object["binaryData"] ?? {}, previous["binaryData"] ?? {}) ? [] : [forbidden("binaryData", text)]),
  ];
};

const besideSource = new Set([
  "capacity",
  "accessModes",
  "claimRef",
  "persistentVolumeReclaimPolicy",
  "storageClassName",
  "mountOptions",
  "volumeMode",
  "nodeAffinity",
  "volumeAttributesClassName",
]);

/** Where a volume is stays, but for a CSI volume's secret for growing, which may be added. */
const updateVolume: Rule = (spec, before) => {
  const secret = ["csi", "controllerExpandSecretRef"];
  const adds =
    spec["csi"] !== undefined && before["csi"] !== undefined && objectAt(before, "csi")[secret[1] ?? ""] === undefined;
  const source = (of: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(of).filter(([field]) => !besideSource.has(field)));
  const [now, then] = [source(adds ? withField(spec, secret, undefined) : spec), source(before)];
  const path = "spec.persistentvolumesource";
  const diff = (): string => unifiedDiff(sourceJson(then), sourceJson(now));
  return [
    ...(sameJson(now, then) ? [] : [forbidden(path, `${path} is immutable after creation\n${diff()}`)]),
    ...immutable("volumeMode", spec["volumeMode"], before["volumeMode"]),
  ];
};

/** The server's internal type of a volume's source, in its order (pkg/apis/core/types.go, v1.35). */
const sources =
  "GCEPersistentDisk AWSElasticBlockStore HostPath Glusterfs NFS RBD Quobyte ISCSI FlexVolume Cinder CephFS FC Flocker AzureFile VsphereVolume AzureDisk PhotonPersistentDisk PortworxVolume ScaleIO Local StorageOS CSI";

const sourceJson = (source: JsonObject): JsonObject => {
  const known = objectAt(internalJson(source, "PersistentVolumeSpec"));
  return Object.fromEntries(sources.split(" ").map((name) => [name, known[name] ?? null]));
};

const updateNode: Rule = (spec, before) => {
  const [now, then] = [listAt(spec, "podCIDRs"), listAt(before, "podCIDRs")];
  const problems: FieldProblem[] = [];
  if (then.length > 0 && !sameJson(now, then)) {
    problems.push(forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid'));
  }
  if (textAt(before, "providerID") !== "" && spec["providerID"] !== before["providerID"]) {
    problems.push(forbidden("spec.providerID", 'node updates may not change providerID except from "" to valid'));
  }
  return problems;
};

const rules: Readonly<Record<string, Rule>> = {
  "/PersistentVolume": updateVolume,
  "/Node": updateNode,
  "node.k8s.io/RuntimeClass": (_, __, object, previous) => immutable("handler", object["handler"], previous["handler"]),
  "/Pod": updatePod,
  "/PersistentVolumeClaim": updateClaim,
  "/Service": updateService,
  "/ConfigMap": updateConfig,
  "/Secret": (spec, before, object, previous) => [
    ...immutable("type", object["type"], previous["type"]),
    ...updateConfig(spec, before, object, previous),
  ],
  "apps/Deployment": (spec, before) => immutable("spec.selector", spec["selector"], before["selector"]),
  "apps/ReplicaSet": (spec, before) => immutable("spec.selector", spec["selector"], before["selector"]),
  "apps/DaemonSet": (spec, before) => immutable("spec.selector", spec["selector"], before["selector"]),
  "apps/StatefulSet": updateStatefulSet,
  "batch/Job": updateJob,
  "storage.k8s.io/StorageClass": (_, __, object, previous) => [
    ...(sameJson(object["parameters"] ?? {}, previous["parameters"] ?? {})
      ? []
      : [forbidden("parameters", "updates to parameters are forbidden.")]),
    ...(object["provisioner"] === previous["provisioner"]
      ? []
      : [forbidden("provisioner", "updates to provisioner are forbidden.")]),
    ...(object["reclaimPolicy"] === previous["reclaimPolicy"]
      ? []
      : [forbidden("reclaimPolicy", "updates to reclaimPolicy are forbidden.")]),
    ...immutable("volumeBindingMode", object["volumeBindingMode"], previous["volumeBindingMode"]),
  ],
  "scheduling.k8s.io/PriorityClass": (_, __, object, previous) => [
    ...(Number(object["value"] ?? 0) === Number(previous["value"] ?? 0)
      ? []
      : [forbidden("value", "may not be changed in an update.")]),
    ...immutable("preemptionPolicy", object["preemptionPolicy"], previous["preemptionPolicy"]),
  ],
  "rbac.authorization.k8s.io/RoleBinding": (_, __, object, previous) => updateRoleRef(object, previous),
  "rbac.authorization.k8s.io/ClusterRoleBinding": (_, __, object, previous) => updateRoleRef(object, previous),
};

const updateRoleRef = (object: JsonObject, previous: JsonObject): Problems => {
  const reference = objectAt(object, "roleRef");
  return sameJson(reference, objectAt(previous, "roleRef"))
    ? []
    : [invalid("roleRef", internalJson(reference, "RoleRef"), "cannot change roleRef")];
};
