import type { AksCluster } from "../../azure/platform.ts";
import type { Service } from "../../kubernetes/networking.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import type { BalancerConfiguration } from "./load-balancer-types.ts";

/**
 * The cluster's several load balancers as the provider is given them, in order of name, with the name of the primary pool for its scale
 * set. `undefined` where there is one load balancer, or something about them is known after apply.
 */
export const balancerConfigurations = (cluster: AksCluster): readonly BalancerConfiguration[] | undefined => {
  const found: BalancerConfiguration[] = [];
  for (const balancer of cluster.loadBalancers ?? []) {
    const name = known(balancer.name);
    const { primaryPool, allowServicePlacement, serviceLabelSelector, serviceNamespaceSelector, nodeSelector } =
      balancer;
    if (
      name === undefined ||
      isUnknown(primaryPool) ||
      isUnknown(allowServicePlacement) ||
      isUnknown(serviceLabelSelector) ||
      isUnknown(serviceNamespaceSelector) ||
      isUnknown(nodeSelector)
    )
      return undefined;
    found.push({
      name,
      ...(primaryPool === undefined ? {} : { primaryVMSet: primaryPool }),
      ...(allowServicePlacement === undefined ? {} : { allowServicePlacement }),
      ...(serviceLabelSelector === undefined ? {} : { serviceLabelSelector }),
      ...(serviceNamespaceSelector === undefined ? {} : { serviceNamespaceSelector }),
      ...(nodeSelector === undefined ? {} : { nodeSelector }),
    });
  }
  return found.length === 0 ? undefined : found.sort((a, b) => (a.name < b.name ? -1 : 1));
};

/** Labels of the namespaces that Services are in; one without an object of its own has the label that all have. */
export const namespaceLabels = (
  services: readonly Service[],
  namespaces: readonly KubeObject[],
): Readonly<Record<string, Readonly<Record<string, string>>>> => {
  const names = new Set([
    ...services.map(({ metadata }) => metadata.namespace ?? "default"),
    ...namespaces.map(({ metadata }) => metadata.name),
  ]);
  return Object.fromEntries(
    [...names].map((name) => {
      const labels = namespaces.find(({ metadata }) => metadata.name === name)?.metadata.labels ?? {};
      return [name, { ...labels, "kubernetes.io/metadata.name": name }];
    }),
  );
};
