import type { Change } from "../../cluster/store.ts";
import { listAt, objectAt, sameJson, withField } from "../../kubernetes/fields.ts";
import type { KubeObject, LabelSelector } from "../../kubernetes/object.ts";
import { controllerReference, uidOf } from "../../kubernetes/owner.ts";
import { compileLabelSelector } from "../../kubernetes/selectors.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { type ControllerContext, keyOf, ownerKeys } from "./controller.ts";

type Owner = KubeObject & { readonly spec: { readonly selector: LabelSelector } };

/** A ReplicationController selects by a plain map; here every owner has a selector. */
export const withLabelSelector = <T extends KubeObject & { readonly spec: { readonly selector?: LabelSelector } }>(
  owner: T,
): T =>
  owner.kind === "ReplicationController"
    ? { ...owner, spec: { ...owner.spec, selector: { matchLabels: owner.spec.selector ?? {} } } }
    : owner;

interface ClaimRules {
  readonly considers?: (object: KubeObject) => boolean;
  readonly accepts?: (object: KubeObject) => boolean;
}

const always = (): boolean => true;

/**
 * What an owner's selector matches and nobody controls becomes its own, unless one of the two is going away; what it controls and
 * the selector no longer matches is let go (pkg/controller/controller_ref_manager.go, v1.35). `considers` says which objects the
 * controller looks at, `accepts` what it asks beyond the selector.
 */
export const claimObjects = (
  owner: Owner,
  kind: "Pod" | "ReplicaSet",
  context: ControllerContext,
  { considers = always, accepts = always }: ClaimRules = {},
): void => {
  if (owner.metadata.deletionTimestamp !== undefined) return;
  const { store, api } = context;
  const owned = store.ownedBy(kind, uidOf(owner)).filter(considers);
  const orphans = store.ownedBy(kind, "").filter((object) => {
    const { namespace, deletionTimestamp } = object.metadata;
    return namespace === owner.metadata.namespace && deletionTimestamp === undefined && considers(object);
  });
  if (owned.length + orphans.length === 0) return;
  const selector = compileLabelSelector(owner.spec.selector);
  const fits = (object: KubeObject): boolean => selector.matches(object.metadata.labels ?? {}) && accepts(object);
  for (const object of owned) {
    if (fits(object)) continue;
    api.update(withReferences(object, (known) => known.filter((one) => objectAt(one)["uid"] !== uidOf(owner))));
  }
  for (const object of orphans) {
    if (!fits(object)) continue;
    api.update(withReferences(object, (known) => [...known, controllerReference(owner) as unknown as JsonObject]));
  }
};

const withReferences = (object: KubeObject, change: (references: readonly Json[]) => readonly Json[]): JsonObject => {
  const references = change(listAt(object as unknown as JsonObject, "metadata", "ownerReferences"));
  return withField(
    object as unknown as JsonObject,
    ["metadata", "ownerReferences"],
    references.length === 0 ? undefined : references,
  );
};

/** The owners of a kind that a change of a pod or ReplicaSet concerns: who controls it, who did, and, of an orphan, who may claim it. */
export const claimingKeys = (change: Change, kind: string, { store }: ControllerContext): readonly string[] => {
  const { object, previous, type } = change;
  const keys = ownerKeys(object, kind);
  const before = previous === undefined ? [] : ownerKeys(previous, kind);
  const controlled = (object.metadata.ownerReferences ?? []).some(({ controller }) => controller === true);
  if (controlled || type === "DELETED") return before.length === 0 ? keys : [...new Set([...before, ...keys])];
  if (previous !== undefined && !isRelabelled(previous, object)) return keys;
  const claimers = store
    .list<Owner>(kind)
    .map(withLabelSelector)
    .filter(({ metadata, spec }) => {
      if (metadata.namespace !== object.metadata.namespace) return false;
      return compileLabelSelector(spec.selector).matches(object.metadata.labels ?? {});
    })
    .map(keyOf);
  return [...new Set([...before, ...claimers])];
};

const isRelabelled = (before: KubeObject, after: KubeObject): boolean =>
  !sameJson((before.metadata.labels ?? {}) as unknown as Json, (after.metadata.labels ?? {}) as unknown as Json) ||
  !sameJson(
    (before.metadata.ownerReferences ?? []) as unknown as Json,
    (after.metadata.ownerReferences ?? []) as unknown as Json,
  );
