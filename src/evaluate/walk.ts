import type { Diagnostic } from "../model/diagnostic.ts";
import type { MappingValue, Value } from "../model/value.ts";
import type { InstanceKey } from "./address.ts";
import type { FunctionContext, FunctionTable } from "./functions-definition.ts";
import type { Graph, GraphNode } from "./graph-nodes.ts";
import type { Mocks } from "./mocks.ts";
import type { ResourceBlock } from "./module.ts";
import type { ModuleNode } from "./module-tree.ts";
import type { Places } from "./places.ts";
import type { Action, Path } from "./planned-change.ts";
import type { ResourceSchema } from "./schema.ts";
import type { ProviderSchemas } from "./schema-store.ts";
import type { PriorState } from "./state.ts";

/**
 * Terraform looks at a configuration twice: once with all variables unknown, to see whether it is valid at all, and once with their
 * values, to plan (Terraform 1.11, `Context.Validate` and `Context.Plan`). A problem of the first look ends the run there.
 */
export type WalkMode = "validate" | "plan";

/** What both looks share. */
export interface WalkSettings {
  readonly graph: Graph;
  readonly root: ModuleNode;
  readonly functions: FunctionTable;
  readonly functionContext: (module: ModuleNode) => FunctionContext;
  readonly shortCircuit: boolean;
  readonly workspace: string;
  /** The directory that is evaluated, below the root of the file tree. */
  readonly directory: string;
  readonly providerOf: (module: ModuleNode, key: string) => ProviderSchemas;
  readonly rootVariables: ReadonlyMap<string, GivenVariable>;
  readonly mocks: Mocks;
  readonly prior: PriorState;
  /** Resources that are replaced by creating first, their own wish or that of something that depends on them. */
  readonly createBeforeDestroy: ReadonlySet<GraphNode>;
  /** Names of attributes that are referred to, by resource type: what a resource without schema must have. */
  readonly referred: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A value of a root variable, not converted yet, and where it came from. */
export interface GivenVariable {
  readonly value: Value;
  readonly from: string;
  readonly range: Diagnostic["range"];
}

export interface Walk extends WalkSettings {
  readonly mode: WalkMode;
  readonly instances: Map<ModuleNode, readonly ModuleInstance[]>;
  readonly planned: PlannedInstance[];
  /** Managed resources that will change, with the module instances in which they do. */
  readonly changing: Map<GraphNode, Set<string>>;
  readonly changedInstances: Map<string, PlannedInstance>;
  readonly checks: Map<string, CheckResult>;
  /** Identifiers of what is to be imported, by address. */
  readonly imports: Map<string, string>;
  /** The resource that a data source must wait for because of `depends_on`, if it will change. */
  readonly pendingFor: (node: GraphNode, instance: ModuleInstance) => string | undefined;
}

/** A module with its key, and all that is known within it. */
export interface ModuleInstance {
  readonly node: ModuleNode;
  /** `module.network["a"]`, `""` for the root. */
  readonly address: string;
  readonly key: InstanceKey;
  readonly parent: ModuleInstance | undefined;
  /** `each` and `count` as the call's arguments see them. */
  readonly repetition: RepetitionData;
  readonly variables: Map<string, Value>;
  readonly locals: Map<string, Value>;
  readonly outputs: Map<string, Value>;
  readonly resources: Map<string, Expansion<Value>>;
  readonly calls: Map<string, Expansion<ModuleInstance>>;
}

export interface RepetitionData {
  readonly index?: Value;
  readonly key?: Value;
  readonly value?: Value;
}

/** The instances of a resource or module call. */
export interface Expansion<T> {
  readonly mode: "single" | "count" | "for_each";
  /** Why the instances are not known, if they are not; then there is one that stands for all. */
  readonly unknown: string | undefined;
  readonly items: ReadonlyMap<InstanceKey, T>;
}

/** A resource instance and what will become of it. */
export interface PlannedInstance {
  readonly address: string;
  readonly block: ResourceBlock;
  readonly module: ModuleInstance;
  readonly key: InstanceKey;
  readonly provider: ProviderSchemas;
  readonly schema: ResourceSchema;
  readonly values: MappingValue;
  /** As `values`, with the marks that Terraform shows: a replacement does not show what the schema alone calls sensitive. */
  readonly shown: MappingValue;
  readonly before: MappingValue | undefined;
  readonly actions: readonly Action[];
  readonly reason: string | undefined;
  readonly replacePaths: readonly Path[];
  readonly previousAddress: string | undefined;
  readonly importing: string | undefined;
  readonly places: Places;
  /** Set where `count` or `for_each` is not known: the instance stands for any number of them. */
  readonly standsForMany: string | undefined;
}

export interface CheckResult {
  readonly kind: "resource" | "output_value" | "check" | "var";
  readonly module: ModuleNode;
  readonly name: string;
  readonly mode?: "managed" | "data" | "ephemeral";
  readonly type?: string;
  readonly instances: Map<string, CheckInstance>;
}

export interface CheckInstance {
  readonly module: ModuleInstance;
  readonly key: InstanceKey;
  status: "pass" | "fail" | "error" | "unknown";
  readonly problems: string[];
}
