import type { SourceRange } from "../model/source-range.ts";
import type { MappingValue } from "../model/value.ts";

/** One instance of a resource or data source, evaluated: what every later room reads, whichever door it came through. */
export interface ResourceInstance {
  /** `module.network["a"].azurerm_subnet.nodes[0]`. */
  readonly address: string;
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly name: string;
  readonly key: string | number | undefined;
  /** The address of the module instance, `""` for the root. */
  readonly module: string;
  /** Source address of the provider, such as `hashicorp/azurerm`, and the version constraint's major where it is known. */
  readonly provider: string;
  readonly providerMajor: number | undefined;
  /** The planned values in the form of the provider's schema; computed attributes are unknown with their `origin`. */
  readonly values: MappingValue;
  readonly range: SourceRange | undefined;
  /** The range of an attribute or nested block by path (`["default_node_pool", 0, "vm_size"]`), or of its nearest ancestor. */
  readonly rangeAt: (path: readonly (string | number)[]) => SourceRange | undefined;
  /** Addresses of resources (without instance keys where not known) that this one refers to, itself or through locals and modules, sorted. */
  readonly dependsOn: readonly string[];
  readonly references: readonly InstanceReference[];
  /** Resources that the configuration of its provider refers to, such as the cluster behind `provider "kubernetes"`. */
  readonly providerTargets?: readonly string[];
  /** Attributes of resources that the configuration of its provider names itself: `kube_admin_config.0.host`. */
  readonly providerUses?: readonly InstanceReference[];
  readonly ignoreChanges: readonly string[] | "all";
  /** False for a plan, which does not say what `ignore_changes` names, nor whether a computed attribute is written. */
  readonly isLifecycleKnown?: false;
  readonly preventDestroy: boolean;
  readonly createBeforeDestroy: boolean;
  /** What the plan says will be done, when there is a state or a plan to compare with; otherwise `create`, for data `read`. */
  readonly actions: readonly ("create" | "read" | "update" | "delete" | "no-op" | "forget")[];
  /** The values before the change, where there is a state or a plan. */
  readonly before: MappingValue | undefined;
  /** Dotted attribute paths that force replacement. */
  readonly replacePaths: readonly string[];
}

/** `azurerm_subnet.nodes.id` written in the attribute at `path`. */
export interface InstanceReference {
  readonly path: readonly (string | number)[];
  readonly to: string;
  readonly range: SourceRange;
}
