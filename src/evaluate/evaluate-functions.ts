import { collectionFunctions } from "./functions-collection.ts";
import type { FunctionContext, FunctionTable } from "./functions-definition.ts";
import { formatFunctions } from "./functions-format.ts";
import { numericFunctions } from "./functions-numeric.ts";
import { regexFunctions } from "./functions-regex.ts";
import { sequenceFunctions } from "./functions-sequence.ts";
import { stringFunctions } from "./functions-string.ts";
import { conversionFunctions } from "./functions-type-conversion.ts";

export const builtinFunctions: FunctionTable = new Map(
  Object.entries({
    ...collectionFunctions,
    ...formatFunctions,
    ...numericFunctions,
    ...regexFunctions,
    ...sequenceFunctions,
    ...stringFunctions,
    ...conversionFunctions,
  }),
);

export const templateRenderer = (): Pick<FunctionContext, never> => ({});
