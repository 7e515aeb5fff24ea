import type { Diagnostic } from "../model/diagnostic.ts";
import type { MappingValue, Value } from "../model/value.ts";
import type { Places } from "./places.ts";
import { inputError } from "./problems.ts";
import type { ResourceSchema } from "./schema.ts";
import { marksOf } from "./values-marks.ts";

/** Ephemeral values may only go where nothing is stored. */
export const rejectEphemeral = (
  value: MappingValue,
  schema: ResourceSchema,
  places: Places,
  address: string,
  problems: Diagnostic[],
): void => {
  for (const [name, item] of value.fields) {
    const attribute = schema.block.attributes.get(name);
    if (attribute?.writeOnly || !holdsEphemeral(item)) continue;
    problems.push(
      inputError(
        "Invalid use of ephemeral value",
        `"${name}" is kept in the state, so an ephemeral value cannot be used for it.`,
        places.attributes.get(name)?.value.range ?? places.blocks.get(name)?.[0]?.range ?? places.range,
        address,
      ),
    );
  }
};

const holdsEphemeral = (value: Value): boolean => {
  if (marksOf(value).has("ephemeral")) return true;
  switch (value.kind) {
    case "list":
    case "set":
    case "tuple":
      return value.items.some(holdsEphemeral);
    case "map":
    case "object":
      return [...value.fields.values()].some(holdsEphemeral);
    default:
      return false;
  }
};
