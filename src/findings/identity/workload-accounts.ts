import type { AksCluster, FederatedCredential } from "../../azure/platform.ts";
import { type Workload, workloadsOf } from "../../graph/pod-templates.ts";
import { resolve } from "../../graph/resolve.ts";
import { addressOf, type SourcedObject } from "../../kubernetes/object.ts";
import { onlyCluster } from "../cluster-facts.ts";
import type { World } from "../rule.ts";

export const clientIdAnnotation = "azure.workload.identity/client-id";
export const useLabel = "azure.workload.identity/use";
export const tokenAudience = "api://AzureADTokenExchange";

/** A ServiceAccount that is meant to act as a managed identity, and the workloads that run as it. */
export interface IdentityAccount {
  readonly source: SourcedObject;
  readonly address: string;
  readonly namespace: string;
  readonly name: string;
  readonly clientId: string;
  /** `system:serviceaccount:namespace:name`, the subject of its tokens. */
  readonly subject: string;
  readonly workloads: readonly Workload[];
}

export const identityAccounts = (world: World): readonly IdentityAccount[] =>
  world.objects.flatMap((source): IdentityAccount[] => {
    const { object } = source;
    const clientId = object.metadata.annotations?.[clientIdAnnotation];
    if (object.kind !== "ServiceAccount" || clientId === undefined) return [];
    const namespace = object.metadata.namespace ?? "default";
    const { name } = object.metadata;
    return [
      {
        source,
        address: addressOf(object),
        namespace,
        name,
        clientId,
        subject: `system:serviceaccount:${namespace}:${name}`,
        workloads: workloadsOf(world.objects).filter(
          (workload) => workload.namespace === namespace && workload.spec.serviceAccountName === name,
        ),
      },
    ];
  });

/** The credentials whose issuer is the cluster that the manifests are for. */
export const credentialsOf = (world: World, cluster: AksCluster): readonly FederatedCredential[] =>
  world.platform.federatedCredentials.filter((credential) => resolve([cluster], credential.issuerCluster) === cluster);

/** The cluster of the manifests, and the accounts on it. */
export const accountsOnCluster = (
  world: World,
): { readonly cluster: AksCluster; readonly accounts: readonly IdentityAccount[] } | undefined => {
  const cluster = onlyCluster(world);
  return cluster === undefined ? undefined : { cluster, accounts: identityAccounts(world) };
};
