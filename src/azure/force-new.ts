import { lazyTable } from "./data-file.ts";

/** What the provider does when an argument of a resource changes; paths without list indices. */
export interface ChangeRules {
  /** Arguments whose change replaces the resource. */
  readonly forceNew?: readonly string[];
  /** Arguments that do so only for some changes; the words are the provider's rule. */
  readonly conditional?: readonly { readonly path: string; readonly when: string }[];
  /** Arguments whose change makes the nodes of a pool anew behind an in-place update. */
  readonly rotates?: readonly string[];
  readonly defaults?: Readonly<Record<string, string | number | boolean>>;
}

const table = lazyTable<{ readonly resources: Readonly<Record<string, ChangeRules>> }>("force-new.json");

/** The rules of an azurerm type (terraform-provider-azurerm 4.79.0), or `undefined` where the table does not have it. */
export const changeRules = (type: string): ChangeRules | undefined => table().resources[type];
