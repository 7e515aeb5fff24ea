import { listAt, withField } from "../../kubernetes/fields.ts";
import type { KubeObject, LabelSelector } from "../../kubernetes/object.ts";
import { controllerReference } from "../../kubernetes/owner.ts";
import { compileLabelSelector } from "../../kubernetes/selectors.ts";
import type { JsonObject } from "../../model/json.ts";
import type { ControllerContext } from "./controller.ts";

/**
 * Pods that an owner's selector matches and that nobody controls become its own, unless owner or pod is going away
 * (pkg/controller/controller_ref_manager.go, v1.35).
 */
export const adoptOrphans = (
  owner: KubeObject & { readonly spec: { readonly selector: LabelSelector } },
  context: ControllerContext,
): void => {
  if (owner.metadata.deletionTimestamp !== undefined) return;
  const orphans = context.store
    .ownedBy("Pod", "")
    .filter(
      (pod) => pod.metadata.namespace === owner.metadata.namespace && pod.metadata.deletionTimestamp === undefined,
    );
  if (orphans.length === 0) return;
  const selector = compileLabelSelector(owner.spec.selector);
  for (const pod of orphans) {
    if (!selector.matches(pod.metadata.labels ?? {})) continue;
    const references = listAt(pod as unknown as JsonObject, "metadata", "ownerReferences");
    context.api.update(
      withField(
        pod as unknown as JsonObject,
        ["metadata", "ownerReferences"],
        [...references, controllerReference(owner) as unknown as JsonObject],
      ),
    );
  }
};
