import { dynamicType } from "../model/type.ts";
import type { FunctionDefinition, FunctionTable, LazyFunctionDefinition, Parameter } from "./functions-definition.ts";
import { unknownValue } from "./values-construct.ts";

/** The known functions, and those of providers that are not known: what these compute is unknown, and no error. */
export const withProviderFunctions = (known: FunctionTable): FunctionTable => new ProviderFunctions(known);

class ProviderFunctions extends Map<string, FunctionDefinition | LazyFunctionDefinition> {
  readonly #providers = new Set([...this.keys()].flatMap((name) => providerOf(name) ?? []));

  override get(name: string): FunctionDefinition | LazyFunctionDefinition | undefined {
    const definition = super.get(name);
    const provider = definition === undefined ? providerOf(name) : undefined;
    return provider === undefined || this.#providers.has(provider) ? definition : opaque(name);
  }
}

/** `azapi` of `provider::azapi::build_resource_id`. */
const providerOf = (name: string): string | undefined => /^provider::([^:]+)::[^:]+$/.exec(name)?.[1];

const anything: Parameter = {
  name: "argument",
  type: dynamicType,
  allowNull: true,
  allowUnknown: true,
  allowDynamic: true,
};

const opaque = (name: string): FunctionDefinition => ({
  parameters: [],
  variadic: anything,
  result: dynamicType,
  call: () => unknownValue(dynamicType, `${name} is computed by the provider`),
});
