import type { Expression } from "../load/hcl/ast.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { stringType } from "../model/type.ts";
import { addressNames, keyText } from "./address.ts";
import type { Graph, GraphNode } from "./graph-nodes.ts";
import type { ImportBlock } from "./module.ts";
import { inputError } from "./problems.ts";
import { numberValue, stringValue } from "./values-construct.ts";
import { convertValue, isFailure } from "./values-convert.ts";
import { unmark } from "./values-marks.ts";
import { toDouble } from "./values-number.ts";
import type { ModuleInstance, RepetitionData, Walk } from "./walk.ts";
import { evaluateIn } from "./walk-scope.ts";

/** Evaluates the `import` blocks of the root module that are about a resource, when the resource comes to be evaluated. */
export const collectImports = (
  walk: Walk,
  node: GraphNode & { readonly kind: "resource" },
  instance: ModuleInstance,
  problems: Diagnostic[],
): void => {
  const blocks = walk.root.module?.imports ?? [];
  if (walk.mode === "validate" || blocks.length === 0 || instance !== walk.instances.get(node.module)?.[0]) return;
  const root = walk.instances.get(walk.root)?.[0];
  if (root === undefined) return;
  for (const block of blocks) if (addressNames(block.to) === node.label) importOne(walk, root, block, problems);
};

const importOne = (walk: Walk, root: ModuleInstance, block: ImportBlock, problems: Diagnostic[]): void => {
  if (block.forEach === undefined) {
    record(walk, root, block, {}, problems);
    return;
  }
  const collection = unmark(evaluateIn(walk, root, block.forEach, {}, problems));
  switch (collection.kind) {
    case "set":
      for (const item of collection.items) record(walk, root, block, { key: item, value: item }, problems);
      break;
    case "list":
    case "tuple":
      for (const [index, item] of collection.items.entries())
        record(walk, root, block, { key: numberValue(index), value: item }, problems);
      break;
    case "map":
    case "object":
      for (const [key, item] of collection.fields)
        record(walk, root, block, { key: stringValue(key), value: item }, problems);
      break;
    default:
      problems.push(
        inputError(
          "Invalid for_each argument",
          "Which objects are to be imported must be known when planning.",
          block.forEach.range,
        ),
      );
  }
};

const record = (
  walk: Walk,
  root: ModuleInstance,
  block: ImportBlock,
  repetition: RepetitionData,
  problems: Diagnostic[],
): void => {
  const address = addressText(walk, root, block.to, repetition, problems);
  if (block.id === undefined || address === undefined) return;
  const id = convertValue(unmark(evaluateIn(walk, root, block.id, { repetition }, problems)), stringType);
  if (!isFailure(id) && id.kind === "string" && id.value !== "") walk.imports.set(address, id.value);
  else
    problems.push(
      inputError(
        "Invalid import id argument",
        "The identifier must be a text that is known when planning, and not empty.",
        block.id.range,
      ),
    );
};

const addressText = (
  walk: Walk,
  root: ModuleInstance,
  expression: Expression,
  repetition: RepetitionData,
  problems: Diagnostic[],
): string | undefined => {
  switch (expression.kind) {
    case "variable":
      return expression.name;
    case "attribute": {
      const source = addressText(walk, root, expression.source, repetition, problems);
      return source === undefined ? undefined : `${source}.${expression.name}`;
    }
    case "index": {
      const source = addressText(walk, root, expression.source, repetition, problems);
      const key = unmark(evaluateIn(walk, root, expression.key, { repetition }, problems));
      if (source === undefined || (key.kind !== "string" && key.kind !== "number")) return undefined;
      return source + keyText(key.kind === "string" ? key.value : toDouble(key.value));
    }
    default:
      return undefined;
  }
};

/** An `import` block needs a resource block that says what the object is to be. */
export const importProblems = (graph: Graph): readonly Diagnostic[] => {
  const labels = new Set(graph.nodes.filter(({ kind }) => kind === "resource").map(({ label }) => label));
  return (graph.root.module?.imports ?? []).flatMap((block) => {
    const address = addressNames(block.to);
    return labels.has(address)
      ? []
      : [
          inputError(
            "Configuration for import target does not exist",
            `There is no resource block for ${address}, into which the object is to be imported. Write one.`,
            block.to.range,
          ),
        ];
  });
};
