import { parseCidr } from "../../azure/cidr.ts";
import type { Rule, World } from "../rule.ts";
import { violation } from "../violation.ts";
import { loadBalancersOf, type ServiceView } from "./services.ts";

export const serviceRefused: Rule = {
  code: "AKS3062",
  title: "The cloud provider refuses the Service's settings",
  severity: "error",
  perCluster: true,
  explain: `The cloud provider reads annotations that the API server takes as they are. A value that it cannot use ends its work on the Service; a list of allowed ranges with one that cannot be read leaves
only the rule that denies everyone else, without a word.
What happens: EXTERNAL-IP stays pending, SyncLoadBalancerFailed in the events; or the Service has an address that nobody reaches.
Mend: correct the annotation.
Source: cloud-provider-azure v1.35, azure_loadbalancer.go, accesscontrol.go; decisions recorded from it.`,
  *check(world) {
    for (const view of loadBalancersOf(world)) {
      const ranges = unreadableRange(view);
      if (ranges !== undefined) {
        yield violation(serviceRefused, {
          subject: view.address,
          range: view.source.rangeAt(["metadata", "annotations", `${prefix}azure-allowed-ip-ranges`]),
          summary: "One allowed range cannot be read, and shuts everyone out",
          detail: `${view.address} allows "${ranges}", which is no range: none of the allowed ranges takes effect, and the rule that denies all others stays. Correct it.`,
        });
        continue;
      }
      const message = refusalOf(world, view);
      if (message === undefined) continue;
      yield violation(serviceRefused, {
        subject: view.address,
        range: view.source.rangeAt(["metadata", "annotations"]),
        detail: `The cloud provider will not serve ${view.address}: "${message}". EXTERNAL-IP stays pending. Correct the annotation.`,
      });
    }
  },
};

const prefix = "service.beta.kubernetes.io/";

const unreadableRange = (view: ServiceView): string | undefined =>
  view
    .annotation("azure-allowed-ip-ranges")
    ?.split(",")
    .map((range) => range.trim())
    .find(
      (range) =>
        range !== "" &&
        parseCidr(range.includes("/") ? range : `${range}/${range.includes(":") ? 128 : 32}`) === undefined,
    );

/** What the prediction's cloud provider says of values; addresses and subnets that it does not find are the matter of other rules. */
const refusalOf = (world: World, view: ServiceView): string | undefined => {
  const name = view.address.split("/").slice(1).join("/");
  const found = world.predictions
    .flatMap(({ services = [] }) => services)
    .find(({ service, state, message }) => service === name && state === "pending" && message !== "");
  return found !== undefined &&
    /annotation|idle timeout|probe|invalid|parse/i.test(found.message) &&
    !/public IP|pip|subnet|not found|referenced|DNS label|cannot set both/i.test(found.message)
    ? found.message
    : undefined;
};
