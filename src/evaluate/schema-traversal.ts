import type { Diagnostic } from "../model/diagnostic.ts";
import type { Type } from "../model/type.ts";
import { didYouMean, inputError } from "./problems.ts";
import type { BlockSchema } from "./schema.ts";
import type { TraversalStep } from "./traversal.ts";

/** Reports the first step that the schema does not have (configschema `StaticValidateTraversal`). */
export const checkTraversal = (schema: BlockSchema, steps: readonly TraversalStep[]): readonly Diagnostic[] => {
  const [step, ...rest] = steps;
  if (step === undefined) return [];
  if (step.kind === "index")
    return [
      inputError(
        "Invalid index operation",
        "Only attributes can be named here: there is nothing to be indexed.",
        step.range,
      ),
    ];
  const name = String(step.key);
  const attribute = schema.attributes.get(name);
  if (attribute !== undefined) return checkType(attribute.type, rest);
  const nested = schema.blocks.get(name);
  if (nested === undefined) {
    const names = [...schema.attributes.keys(), ...schema.blocks.keys()];
    return [
      inputError(
        "Unsupported attribute",
        `This resource has no argument, block or attribute "${name}".${didYouMean(name, names)}`,
        step.range,
      ),
    ];
  }
  const [next, ...after] = rest;
  if (next === undefined) return [];
  switch (nested.mode) {
    case "single":
    case "group":
      return checkTraversal(nested.block, rest);
    case "list":
      if (next.kind === "index") return checkTraversal(nested.block, after);
      return [
        inputError(
          "Unsupported attribute",
          `"${name}" is a list of blocks, so an index comes first: ${name}[0].${String(next.key)}.`,
          next.range,
        ),
      ];
    case "map":
      return next.kind === "index" || next.kind === "attribute" ? checkTraversal(nested.block, after) : [];
    case "set":
      if (next.kind === "index")
        return [
          inputError(
            "Cannot index a set value",
            `"${name}" is a set of blocks, which has no order and no index. Use a for expression, or one(...).`,
            next.range,
          ),
        ];
      return [
        inputError(
          "Unsupported attribute",
          `"${name}" is a set of blocks, so its members have the attribute "${String(next.key)}", and not the set.`,
          next.range,
        ),
      ];
  }
};

const checkType = (type: Type, steps: readonly TraversalStep[]): readonly Diagnostic[] => {
  const [step, ...rest] = steps;
  if (step === undefined) return [];
  switch (type.kind) {
    case "dynamic":
      return [];
    case "object": {
      if (step.kind === "index" && typeof step.key === "number")
        return [inputError("Invalid index", "An object has attributes and no numbered items.", step.range)];
      const next = type.attributes.get(String(step.key));
      if (next !== undefined) return checkType(next, rest);
      return [inputError("Unsupported attribute", `This object has no attribute "${String(step.key)}".`, step.range)];
    }
    case "map":
      return checkType(type.element, rest);
    case "list":
      if (step.kind === "index" && typeof step.key === "number") return checkType(type.element, rest);
      return [
        inputError(
          step.kind === "index" ? "Invalid index" : "Unsupported attribute",
          "A list is indexed with whole numbers.",
          step.range,
        ),
      ];
    case "set":
      return [
        step.kind === "index"
          ? inputError("Invalid index", "A set has no order, so its members have no index.", step.range)
          : inputError("Unsupported attribute", "A set has no attributes.", step.range),
      ];
    case "tuple":
      return [];
    default:
      return step.kind === "index"
        ? [inputError("Invalid index", `A ${type.kind} has no items.`, step.range)]
        : [inputError("Unsupported attribute", `A ${type.kind} has no attributes.`, step.range)];
  }
};
