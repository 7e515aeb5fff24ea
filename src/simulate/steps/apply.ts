import { objectAt, sameJson, textAt, withField } from "../../kubernetes/fields.ts";
import { kindInfo, kindKey } from "../../kubernetes/kinds.ts";
import { schemaOf } from "../../kubernetes/schema.ts";
import { applyManifest } from "../../kubernetes/strategic-merge.ts";
import type { JsonObject } from "../../model/json.ts";
import { type Millis, millis } from "../../model/quantity.ts";
import type { Engine } from "../engine.ts";

/** `kubectl apply` of one manifest after another; it remembers what it applied, as the annotation on real objects does. */
export interface Applier {
  /** Applies the manifests in order; the returned texts are the refusals. */
  readonly apply: (manifests: readonly JsonObject[]) => readonly string[];
}

export const createApplier = (engine: Engine, betweenObjects: Millis): Applier => {
  const applied = new Map<string, JsonObject>();
  const applyOne = (manifest: JsonObject): string | undefined => {
    const [apiVersion, kind] = [textAt(manifest, "apiVersion"), textAt(manifest, "kind")];
    const namespaced = kindInfo(apiVersion, kind)?.namespaced ?? textAt(manifest, "metadata", "namespace") !== "";
    const namespace = namespaced ? textAt(manifest, "metadata", "namespace") || "default" : undefined;
    const name = textAt(manifest, "metadata", "name");
    const key = `${kindKey(apiVersion, kind)} ${namespace ?? ""}/${name}`;
    const live = engine.api.store.get(kindKey(apiVersion, kind), namespace, name) as unknown as JsonObject | undefined;
    const placed = namespace === undefined ? manifest : withField(manifest, ["metadata", "namespace"], namespace);
    if (live === undefined) {
      const answer = engine.api.create(placed);
      if (answer.error !== undefined) return answer.error.message;
      applied.set(key, placed);
      return undefined;
    }
    const last = applied.get(key) ?? {};
    const merged = applyManifest(live, last, placed, schemaOf(apiVersion, kind));
    // The status, and what the server keeps, are not the manifest's.
    const next = { ...merged, status: live["status"] ?? {}, metadata: { ...objectAt(merged, "metadata") } };
    applied.set(key, placed);
    if (sameJson(next, { ...live, status: live["status"] ?? {} })) return undefined;
    const answer = engine.api.update(live["status"] === undefined ? withField(next, ["status"], undefined) : next);
    return answer.error?.message;
  };
  return {
    apply: (manifests) => {
      const errors: string[] = [];
      for (const [index, manifest] of manifests.entries()) {
        if (index > 0) engine.queue.runUntil(millis(engine.queue.now + betweenObjects));
        const error = applyOne(manifest);
        if (error !== undefined) errors.push(error);
      }
      return errors;
    },
  };
};
