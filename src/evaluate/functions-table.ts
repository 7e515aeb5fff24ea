import { collectionFunctions } from "./functions-collection.ts";
import { csvFunctions } from "./functions-csv.ts";
import { dateFunctions } from "./functions-date.ts";
import type { FunctionDefinition, FunctionTable, LazyFunctionDefinition } from "./functions-definition.ts";
import { encodingFunctions } from "./functions-encoding.ts";
import { filesystemFunctions } from "./functions-filesystem.ts";
import { formatFunctions } from "./functions-format.ts";
import { hashFunctions } from "./functions-hash-crypto.ts";
import { networkFunctions } from "./functions-ip-network.ts";
import { jsonFunctions } from "./functions-json.ts";
import { numericFunctions } from "./functions-numeric.ts";
import { regexFunctions } from "./functions-regex.ts";
import { sequenceFunctions } from "./functions-sequence.ts";
import { stringFunctions } from "./functions-string.ts";
import { templateFunctions } from "./functions-template.ts";
import { conversionFunctions } from "./functions-type-conversion.ts";
import { yamlFunctions } from "./functions-yaml.ts";

let builtin: FunctionTable | undefined;

/** Every built-in function of Terraform 1.11.4 by name, each also under `core::`. */
export const builtinFunctions = (): FunctionTable => {
  builtin ??= tableOf({
    ...collectionFunctions,
    ...conversionFunctions,
    ...csvFunctions,
    ...dateFunctions,
    ...encodingFunctions,
    ...filesystemFunctions,
    ...formatFunctions,
    ...hashFunctions,
    ...jsonFunctions,
    ...networkFunctions,
    ...numericFunctions,
    ...regexFunctions,
    ...sequenceFunctions,
    ...stringFunctions,
    ...templateFunctions,
    ...yamlFunctions,
  });
  return builtin;
};

/** A table of the functions, each also under `core::`. */
export const tableOf = (
  functions: Readonly<Record<string, FunctionDefinition | LazyFunctionDefinition>>,
): FunctionTable => {
  const table = new Map<string, FunctionDefinition | LazyFunctionDefinition>();
  for (const [name, definition] of Object.entries(functions)) {
    table.set(name, definition);
    table.set(`core::${name}`, definition);
  }
  return table;
};
