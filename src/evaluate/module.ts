import type { Attribute, Body, Expression } from "../load/hcl/ast.ts";
import type { SourceRange } from "../model/source-range.ts";
import type { Value } from "../model/value.ts";
import type { Reference } from "./reference.ts";
import type { TypeConstraint } from "./type-constraint.ts";
import type { VersionConstraint } from "./version-constraint.ts";

/** What one directory of Terraform files declares, override files merged in. */
export interface Module {
  /** The directory below the root that is read, `""` for the root itself. */
  readonly directory: string;
  readonly variables: Map<string, VariableBlock>;
  readonly locals: Map<string, LocalBlock>;
  readonly outputs: Map<string, OutputBlock>;
  /** By `type.name`, `data.type.name`, `ephemeral.type.name`. */
  readonly resources: Map<string, ResourceBlock>;
  readonly calls: Map<string, ModuleCallBlock>;
  /** By `azurerm` or `azurerm.alias`. */
  readonly providers: Map<string, ProviderBlock>;
  readonly requiredProviders: Map<string, RequiredProvider>;
  readonly requiredVersions: {
    readonly constraints: readonly VersionConstraint[];
    readonly text: string;
    readonly range: SourceRange;
  }[];
  readonly checks: Map<string, CheckBlock>;
  readonly moved: MovedBlock[];
  readonly removed: RemovedBlock[];
  readonly imports: ImportBlock[];
}

export interface VariableBlock {
  readonly name: string;
  readonly constraint: TypeConstraint;
  readonly typed: boolean;
  readonly default: Value | undefined;
  readonly nullable: boolean;
  readonly sensitive: boolean;
  readonly ephemeral: boolean;
  readonly description: string | undefined;
  readonly validations: readonly CheckRule[];
  readonly range: SourceRange;
}

export interface LocalBlock {
  readonly name: string;
  readonly expression: Expression;
  readonly range: SourceRange;
}

export interface OutputBlock {
  readonly name: string;
  readonly expression: Expression | undefined;
  readonly sensitive: boolean;
  readonly ephemeral: boolean;
  readonly dependsOn: readonly Reference[];
  readonly preconditions: readonly CheckRule[];
  readonly range: SourceRange;
}

export interface CheckRule {
  readonly condition: Expression;
  readonly errorMessage: Expression | undefined;
  readonly range: SourceRange;
}

export interface Repetition {
  readonly count: Expression | undefined;
  readonly forEach: Expression | undefined;
}

export interface ResourceBlock extends Repetition {
  readonly mode: "managed" | "data" | "ephemeral";
  readonly type: string;
  readonly name: string;
  readonly typeRange: SourceRange;
  /** `azurerm` or `azurerm.hub`, as written or implied by the type. */
  readonly providerKey: string;
  readonly providerRange: SourceRange | undefined;
  /** What is left of the body for the provider's schema. */
  readonly body: Body;
  readonly dependsOn: readonly Reference[];
  readonly ignoreChanges: readonly Expression[] | "all";
  readonly preventDestroy: boolean;
  readonly createBeforeDestroy: boolean;
  readonly replaceTriggeredBy: readonly Expression[];
  readonly preconditions: readonly CheckRule[];
  readonly postconditions: readonly CheckRule[];
  /** Read and never run; what they refer to counts. */
  readonly provisioners: readonly { readonly type: string; readonly body: Body }[];
  readonly connections: readonly Body[];
  /** The check block that a data block stands in. */
  readonly check: string | undefined;
  readonly range: SourceRange;
}

export interface ModuleCallBlock extends Repetition {
  readonly name: string;
  readonly source: string;
  readonly sourceRange: SourceRange;
  readonly version: string | undefined;
  /** The body without Terraform's own arguments. */
  readonly body: Body;
  readonly wholeBody: Body;
  readonly arguments: ReadonlyMap<string, Attribute>;
  readonly passedProviders: readonly PassedProvider[];
  /** Provider keys inside the module to provider keys outside. */
  readonly providers: ReadonlyMap<string, string>;
  readonly dependsOn: readonly Reference[];
  readonly range: SourceRange;
}

/** An entry of `providers` in a module call: `azurerm.a = azurerm.hub`. */
export interface PassedProvider {
  readonly inside: string;
  readonly outside: string;
  readonly insideRange: SourceRange;
  readonly outsideRange: SourceRange;
}

export interface ProviderBlock {
  readonly name: string;
  readonly alias: string | undefined;
  readonly body: Body;
  readonly version: string | undefined;
  readonly range: SourceRange;
}

export interface RequiredProvider {
  readonly name: string;
  /** `hashicorp/azurerm`, lower case. */
  readonly source: string;
  readonly constraints: readonly VersionConstraint[];
  readonly aliases: readonly string[];
  readonly range: SourceRange;
}

export interface CheckBlock {
  readonly name: string;
  readonly asserts: readonly CheckRule[];
  readonly range: SourceRange;
}

export interface MovedBlock {
  readonly from: Expression;
  readonly to: Expression;
  readonly range: SourceRange;
}

export interface RemovedBlock {
  readonly from: Expression;
  readonly destroy: boolean;
  readonly range: SourceRange;
}

export interface ImportBlock {
  readonly to: Expression;
  readonly id: Expression | undefined;
  readonly forEach: Expression | undefined;
  readonly range: SourceRange;
}
