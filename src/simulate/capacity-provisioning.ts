import type { Pod } from "../kubernetes/pod.ts";
import { planBatch, usedBy } from "./autoscaling/node-provisioning-plan.ts";
import type { RoomEnd } from "./capacity-model.ts";
import type { Prepared } from "./predict.ts";
import type { Settled } from "./predict-settle.ts";

/** What node auto-provisioning would do for the next replica; nothing where the cluster has none. Its nodes are not counted as room. */
export const provisioningEnd = (
  { provisioning }: Prepared,
  { cluster, provisioned }: Settled,
  subject: string,
  next: readonly Pod[],
): RoomEnd | undefined => {
  if (provisioning === undefined) return undefined;
  const told = (text: string, limit: RoomEnd["limit"] = "nodeProvisioning"): RoomEnd => ({
    limit,
    pool: undefined,
    subject,
    text,
  });
  if ("unknown" in provisioning)
    return told(`the nodes that are there; what node auto-provisioning adds is unknown: ${provisioning.unknown}`);
  const { claims, refused } = planBatch(provisioning, cluster, next, usedBy(provisioned?.nodes ?? []));
  const names = [...new Set(claims.map(({ template }) => `"${template.pool.name}"`))];
  if (names.length > 0)
    return told(
      `the nodes that are there; node auto-provisioning would add one of NodePool ${names.join(", ")}, which is not counted here`,
    );
  const reasons = [...(refused.values().next().value ?? [])].map(([pool, { text }]) => `NodePool "${pool}": ${text}`);
  return reasons.length === 0
    ? undefined
    : told(`node auto-provisioning adds none by the sizes that are known (${reasons.join("; ")})`, "placement");
};
