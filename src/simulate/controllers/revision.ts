import { sameJson } from "../../kubernetes/fields.ts";
import { fnv32, safeEncode } from "../../kubernetes/generated-name.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import { controllerReference, uidOf } from "../../kubernetes/owner.ts";
import type { PodTemplate } from "../../kubernetes/pod.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import type { ControllerContext } from "./controller.ts";

export interface ControllerRevision extends KubeObject {
  readonly kind: "ControllerRevision";
  readonly data: JsonObject;
  readonly revision: number;
}

/** What a revision stores of a template: a patch that puts the whole template in its place. */
export const revisionData = (template: PodTemplate): JsonObject => ({
  spec: { template: { $patch: "replace", ...(template as unknown as JsonObject) } },
});

/** The hash of a StatefulSet's revision: FNV-1 over its JSON with sorted keys, then the collision count (pkg/controller/history, v1.35). */
export const revisionHash = (data: JsonObject, collisionCount = 0): string =>
  safeEncode(String(fnv32(goJson(data) + String(collisionCount))));

/** JSON as Go's encoder writes a map: keys sorted, the signs of HTML escaped. */
const goJson = (value: Json): string => {
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(goJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const object = value as JsonObject;
    return `{${Object.keys(object)
      .sort()
      .map((key) => `${goText(key)}:${goJson(object[key] ?? null)}`)
      .join(",")}}`;
  }
  return typeof value === "string" ? goText(value) : JSON.stringify(value);
};

const goText = (text: string): string =>
  JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** An owner's revisions, oldest first. */
export const revisionsOf = (owner: KubeObject, context: ControllerContext): readonly ControllerRevision[] =>
  [...context.store.ownedBy<ControllerRevision>("ControllerRevision", uidOf(owner))].sort(
    (a, b) => a.revision - b.revision,
  );

/** The revision of the template: made when there is none of its data, renumbered when an old one is current again. */
export const currentRevision = (
  owner: KubeObject,
  template: PodTemplate,
  given: { readonly hash: string; readonly labels: Readonly<Record<string, string>> },
  context: ControllerContext,
): ControllerRevision | undefined => {
  const known = revisionsOf(owner, context);
  const data = revisionData(template);
  const next = (known.at(-1)?.revision ?? 0) + 1;
  const same = known.filter((revision) => sameJson(revision.data, data)).at(-1);
  if (same !== undefined && same === known.at(-1)) return same;
  if (same !== undefined) {
    const answer = context.api.update({ ...(same as unknown as JsonObject), revision: next });
    return answer.object as ControllerRevision | undefined;
  }
  const annotations = Object.entries(owner.metadata.annotations ?? {}).filter(
    ([name]) => name !== "kubectl.kubernetes.io/last-applied-configuration",
  );
  const answer = context.api.create({
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      name: `${owner.metadata.name}-${given.hash}`,
      namespace: owner.metadata.namespace ?? "default",
      labels: given.labels,
      ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
      ownerReferences: [controllerReference(owner) as unknown as JsonObject],
    },
    data,
    revision: next,
  });
  return answer.object as ControllerRevision | undefined;
};

/** Revisions that no pod uses go, down to the history limit. */
export const trimRevisions = (
  owner: KubeObject,
  limit: number,
  live: ReadonlySet<string>,
  context: ControllerContext,
): void => {
  const unused = revisionsOf(owner, context).filter((revision) => !live.has(revision.metadata.name));
  for (const revision of unused.slice(0, Math.max(0, unused.length - limit))) {
    context.api.remove("ControllerRevision", revision.metadata.namespace, revision.metadata.name);
  }
};
