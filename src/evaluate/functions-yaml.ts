import { dynamicType, stringType } from "../model/type.ts";
import { type FunctionDefinition, fail, unknownResult } from "./functions-definition.ts";
import { parseYaml } from "./functions-yaml-decode.ts";
import { writeYaml } from "./functions-yaml-encode.ts";
import { isWhollyKnown, stringValue } from "./values-construct.ts";
import { typeOf } from "./values-type.ts";

/** yamldecode and yamlencode. */
export const yamlFunctions: Readonly<Record<string, FunctionDefinition>> = {
  yamldecode: {
    parameters: [{ name: "src", type: stringType }],
    result: ([source]) => {
      if (source?.kind !== "string") return dynamicType;
      const value = parseYaml(source.value);
      return value.kind === "failure" ? fail(value.message) : typeOf(value);
    },
    call: ([source]) => {
      const value = parseYaml(source?.kind === "string" ? source.value : "");
      return value.kind === "failure" ? fail(value.message) : value;
    },
  },
  yamlencode: {
    parameters: [{ name: "value", type: dynamicType, allowUnknown: true, allowNull: true, allowDynamic: true }],
    result: stringType,
    call: ([value]) => {
      if (value === undefined) return stringValue("null\n");
      if (isWhollyKnown(value)) return stringValue(writeYaml(value));
      const open = unknownResult(stringType, [value]);
      return open.kind === "unknown" ? { ...open, draft: { kind: "yaml", value } } : open;
    },
  },
};
