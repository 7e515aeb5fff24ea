import { clientIdStandIn } from "../azure/client-id.ts";
import type { UnknownValue } from "../model/value.ts";
import { rawText } from "./azure-facts.ts";
import type { ResourceInstance } from "./resource-instance.ts";
import { asText } from "./values-convert.ts";

/** What a text that is known after apply will say, where that follows from what is known now; `undefined` where it does not. */
export type StandIn = (value: UnknownValue) => string | undefined;

/**
 * Attributes that Azure makes of the resource's name (public cloud): "Container registries, login server"; Key Vault, "Object identifiers".
 * The client id of an identity is drawn by Entra ID; the reference to it stands in its place, so that a manifest still says whose it is.
 */
export const standIns = (instances: readonly ResourceInstance[]): StandIn => {
  let byAddress: ReadonlyMap<string, ResourceInstance> | undefined;
  const standIn: StandIn = ({ origin, draft, marks }) => {
    if (marks?.has("sensitive") === true) return undefined;
    if (origin !== undefined) {
      byAddress ??= new Map(instances.map((instance) => [instance.address, instance]));
      const instance = byAddress.get(origin.address);
      const [attribute] = origin.path;
      if (instance === undefined || typeof attribute !== "string" || origin.path.length > 1) return undefined;
      return derived[instance.type]?.[attribute]?.(instance);
    }
    if (draft?.kind !== "text") return undefined;
    const parts = draft.parts.map((part) => (part.kind === "unknown" ? standIn(part) : shownText(part)));
    return parts.includes(undefined) ? undefined : parts.join("");
  };
  return standIn;
};

const shownText = (part: Parameters<typeof asText>[0]): string | undefined =>
  part.marks?.has("sensitive") === true ? undefined : asText(part);

const named =
  (make: (name: string) => string) =>
  ({ values }: ResourceInstance): string | undefined => {
    const name = rawText(values.fields.get("name"));
    return name === undefined ? undefined : make(name);
  };

const derived: Readonly<Record<string, Readonly<Record<string, (instance: ResourceInstance) => string | undefined>>>> =
  {
    azurerm_container_registry: { login_server: named((name) => `${name.toLowerCase()}.azurecr.io`) },
    azurerm_key_vault: { vault_uri: named((name) => `https://${name.toLowerCase()}.vault.azure.net/`) },
    azurerm_user_assigned_identity: { client_id: ({ address }) => clientIdStandIn(address) },
  };
