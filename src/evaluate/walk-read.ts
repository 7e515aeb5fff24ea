import type { MappingValue } from "../model/value.ts";
import type { InstanceKey } from "./address.ts";
import { readData } from "./data-source.ts";
import type { GraphNode } from "./graph-nodes.ts";
import type { ResourceBlock } from "./module.ts";
import { plannedDataValue } from "./proposed-value.ts";
import type { ResourceSchema } from "./schema.ts";
import type { ProviderSchemas } from "./schema-store.ts";
import { markBlock } from "./state.ts";
import { firstUnknown, isWhollyKnown } from "./values-construct.ts";
import { withMarks } from "./values-marks.ts";
import type { ModuleInstance, PlannedInstance, Walk } from "./walk.ts";

export type ResourceNode = GraphNode & { readonly kind: "resource" };

/** All that the instances of one resource have in common. */
export interface Common {
  readonly node: ResourceNode;
  readonly block: ResourceBlock;
  readonly provider: ProviderSchemas;
  readonly schema: ResourceSchema;
}

/** What the plan says of one instance. */
export type Planned = Pick<
  PlannedInstance,
  "values" | "shown" | "before" | "actions" | "reason" | "replacePaths" | "previousAddress" | "importing"
>;

/** Reads a data source or opens an ephemeral resource from what is given, or puts the read off (Terraform 1.11, `planDataSource`). */
export const planRead = (
  walk: Walk,
  { node, block, schema }: Common,
  instance: ModuleInstance,
  _key: InstanceKey,
  address: string,
  configuration: MappingValue,
): Planned => {
  const read = (values: MappingValue, reason: string | undefined): Planned => ({
    values,
    shown: values,
    before: undefined,
    actions: ["read"],
    reason,
    replacePaths: [],
    previousAddress: undefined,
    importing: undefined,
  });
  const deferred = (because: string, reason: string): Planned =>
    read(markBlock(plannedDataValue(schema.block, configuration, because), schema.block) as MappingValue, reason);
  if (block.mode === "data" && !isWhollyKnown(configuration))
    return deferred(
      `${address} is read during apply, since ${firstUnknown(configuration)?.because ?? "its arguments are not known"}`,
      "read_because_config_unknown",
    );
  const pending = block.mode === "data" ? walk.pendingFor(node, instance) : undefined;
  if (pending !== undefined)
    return deferred(`${address} is read during apply, after ${pending} has changed`, "read_because_dependency_pending");
  const subject = {
    address,
    kind: block.mode === "data" ? ("data" as const) : ("ephemeral" as const),
    type: block.type,
    name: block.name,
  };
  const values = readData(schema, subject, configuration, walk.mocks);
  if (block.mode === "ephemeral")
    return read(withMarks(values, new Set(["ephemeral"] as const)) as MappingValue, undefined);
  return read(values, block.check === undefined ? undefined : "read_because_check_nested");
};
