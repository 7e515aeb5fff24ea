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
import { azapiFunctions, azurermFunctions } from "./functions-provider-azure.ts";
import { terraformProviderFunctions } from "./functions-provider-terraform.ts";
import { timeFunctions } from "./functions-provider-time.ts";
import { regexFunctions } from "./functions-regex.ts";
import { sequenceFunctions } from "./functions-sequence.ts";
import { stringFunctions } from "./functions-string.ts";
import { templateFunctions } from "./functions-template.ts";
import { conversionFunctions } from "./functions-type-conversion.ts";
import { yamlFunctions } from "./functions-yaml.ts";

let builtin: FunctionTable | undefined;

/**
 * Every built-in function of Terraform 1.11.4 by name, each also under `core::`, and those of the providers that are known here
 * under the names that the providers usually go by.
 */
export const builtinFunctions = (): FunctionTable => {
  builtin ??= new Map([...coreFunctions(), ...providerFunctions()]);
  return builtin;
};

const coreFunctions = (): FunctionTable =>
  tableOf({
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

const providerFunctions = (): FunctionTable => {
  const table = new Map<string, FunctionDefinition>();
  const providers = {
    azapi: azapiFunctions,
    azurerm: azurermFunctions,
    terraform: terraformProviderFunctions,
    time: timeFunctions,
  };
  for (const [provider, functions] of Object.entries(providers))
    for (const [name, definition] of Object.entries(functions)) table.set(`provider::${provider}::${name}`, definition);
  return table;
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
