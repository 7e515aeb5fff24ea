import type { KubeObject, ObjectMeta } from "../../kubernetes/object.ts";
import { controllerReference } from "../../kubernetes/owner.ts";
import type { Pod, PodSpec, PodTemplate } from "../../kubernetes/pod.ts";

/** What a controller adds to a template when it makes a pod of it. */
export interface PodIdentity {
  readonly name: string;
  readonly generateName?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  /** Replaces the template's spec; given once for many pods, so that they share it. */
  readonly spec?: PodSpec;
}

/** A pod as a controller asks for it: the template's labels, annotations, finalizers and spec, and the owner (pkg/controller/controller_utils.go, GetPodFromTemplate, v1.35). */
export const podFromTemplate = (template: PodTemplate, owner: KubeObject, identity: PodIdentity): Pod => {
  const given = (template.metadata ?? {}) as Partial<ObjectMeta>;
  const labels = merged(given.labels, identity.labels);
  const annotations = merged(given.annotations, identity.annotations);
  const finalizers = [...(given.finalizers ?? []), ...(identity.finalizers ?? [])];
  const { namespace } = owner.metadata;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: identity.name,
      ...(identity.generateName === undefined ? {} : { generateName: identity.generateName }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers.length === 0 ? {} : { finalizers }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: identity.spec ?? template.spec,
  };
};

type Texts = Readonly<Record<string, string>>;

const merged = (first: Texts | undefined, second: Texts | undefined): Texts | undefined => {
  if (second === undefined) return first !== undefined && Object.keys(first).length > 0 ? first : undefined;
  return { ...first, ...second };
};
