import { known } from "../model/unknown.ts";
import type { ManagedIdentity } from "./platform.ts";

/** Stands for the client id of an identity that is not made yet, in objects that Terraform makes: the reference itself. */
export const clientIdStandIn = (address: string): string => `\${${address}.client_id}`;

/** The identity that a client id, or what stands for it, belongs to. */
export const identityOfClientId = (
  identities: readonly ManagedIdentity[],
  clientId: string | undefined,
): ManagedIdentity | undefined =>
  clientId === undefined || clientId === ""
    ? undefined
    : identities.find(
        (identity) => known(identity.clientId) === clientId || clientIdStandIn(identity.address) === clientId,
      );
