import { firstServiceFamily, type IpFamily, isDualStack } from "../../azure/ip-families.ts";
import type { AksCluster } from "../../azure/platform.ts";
import type { Service } from "../../kubernetes/networking.ts";

/** The families that the API server gives a Service, or why it refuses it. */
export type ServiceFamilies =
  | { readonly families: readonly ("IPv4" | "IPv6")[] }
  | { readonly refused: string; readonly field: string };

/**
 * What the API server makes of ipFamilyPolicy and ipFamilies on a cluster (pkg/registry/core/service/storage/alloc.go, v1.35,
 * initIPFamilyFields). A cluster of which it is not known whether it is dual-stack refuses nothing.
 */
export const serviceFamilies = (cluster: AksCluster, { spec }: Pick<Service, "spec">): ServiceFamilies => {
  const dual = isDualStack(cluster);
  const policy = spec?.ipFamilyPolicy ?? "SingleStack";
  const asked = (spec?.ipFamilies ?? []).filter((family) => family === "IPv4" || family === "IPv6");
  if (policy === "SingleStack" && asked.length > 1)
    return {
      field: "ipFamilyPolicy",
      refused: "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
    };
  if (dual === false && policy === "RequireDualStack")
    return { field: "ipFamilyPolicy", refused: "this cluster is not configured for dual-stack services" };
  if (dual === false && asked.includes("IPv6"))
    return { field: "ipFamilies", refused: "not configured on this cluster" };
  const first = asked[0] ?? nameOf(firstServiceFamily(cluster));
  if (asked.length > 1) return { families: asked };
  if (policy === "SingleStack" || dual !== true) return { families: [first] };
  return { families: [first, first === "IPv4" ? "IPv6" : "IPv4"] };
};

const nameOf = (family: IpFamily): "IPv4" | "IPv6" => (family === 6 ? "IPv6" : "IPv4");
