import { goTypeOf } from "../kubernetes/go-types.ts";
import { badBase64At, conform, type SchemaType, type ShapeProblem } from "../kubernetes/schema.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { type ApiError, badRequest } from "./api-status.ts";

/** A key that stands twice in a document, as the strict decoder counts lines. */
export interface DuplicateKey {
  readonly line: number;
  readonly key: string;
}

/**
 * Reads a body as the API server does with `fieldValidation=Strict`: the first wrong type ends it, unknown and repeated fields are all
 * named (apimachinery pkg/runtime/serializer/json and sigs.k8s.io/json, v0.35).
 */
export const decodeStrictly = (
  value: JsonObject,
  type: SchemaType,
  kind: string,
  version: string,
  duplicates: readonly DuplicateKey[],
): ApiError | undefined => {
  const prefix = `${kind} in version "${version}" cannot be handled as a ${kind}: `;
  const { problems } = conform(sorted(value) as JsonObject, type);
  const wrong = problems.find(({ problem }) => problem === "wrong type");
  if (wrong !== undefined) return badRequest(prefix + wrongType(wrong));
  const unknown = problems
    .filter(({ problem }) => problem === "unknown field")
    .map(({ path }) => `unknown field "${dotted(path)}"`);
  const strict = [
    ...(duplicates.length === 0
      ? []
      : [
          `yaml: unmarshal errors:\n${duplicates.map(({ line, key }) => `  line ${line}: key ${JSON.stringify(key)} already set in map`).join("\n")}`,
        ]),
    ...unknown,
  ];
  return strict.length === 0 ? undefined : badRequest(`${prefix}strict decoding error: ${strict.join(", ")}`);
};

/** YAML becomes JSON with sorted keys before it is read, and so does the order of its problems. */
const sorted = (value: Json): Json => {
  if (Array.isArray(value)) return (value as readonly Json[]).map(sorted);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] ?? null)]),
  );
};

const wrongType = ({ found, code, owner, goPath }: ShapeProblem): string => {
  if (code === "q" && (typeof found === "string" || typeof found === "number")) {
    return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  }
  if (code === "y" && typeof found === "string") return `illegal base64 data at input byte ${badBase64At(found) ?? 0}`;
  const ownerName = owner.slice(owner.indexOf(".") + 1);
  return `json: cannot unmarshal ${jsonKind(found, code)} into Go struct field ${ownerName}.${goPath} of type ${goTypeOf(code)}`;
};

const jsonKind = (value: Json, code: string): string => {
  if (Array.isArray(value)) return "array";
  switch (typeof value) {
    case "number":
      return /^[iu]/.test(code) ? `number ${value}` : "number";
    case "boolean":
      return "bool";
    default:
      return typeof value;
  }
};

const dotted = (path: readonly (string | number)[]): string =>
  path.map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`)).join("");
