import { parseYamlDocuments } from "../load/yaml/documents.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { UnknownValue, Value } from "../model/value.ts";
import type { StandIn } from "./stand-ins.ts";
import { asText } from "./values-convert.ts";
import { plainJsonToValue } from "./values-json.ts";

/** What a text that is not wholly known will say, as far as it can be read now: its unknown parts are left out, or unknown. */
export const draftOf = (text: UnknownValue): Value | undefined => {
  const { draft } = text;
  if (draft === undefined) return undefined;
  if (draft.kind !== "text") return draft.value;
  const [document] = draftDocuments(text);
  return document === undefined ? undefined : plainJsonToValue(document);
};

/** The documents of a YAML text, of which parts may be unknown: what an unknown part lies in is left out. */
export const draftDocuments = ({ draft }: UnknownValue, standIn: StandIn = () => undefined): readonly Json[] => {
  if (draft?.kind !== "text") return [];
  const text = draft.parts.map((part) => shownPart(part, standIn)).join("");
  return parseYamlDocuments(text, "").value.flatMap(({ value }) => withoutPlaceholders(value) ?? []);
};

/** A sensitive part takes its place, but is not shown. */
const shownPart = (part: Value, standIn: StandIn): string =>
  part.marks?.has("sensitive")
    ? "(sensitive value)"
    : ((part.kind === "unknown" ? standIn(part) : asText(part)) ?? placeholder);

/** A word that no text has and that YAML takes for a plain scalar, within quotes or without. */
const placeholder = "\u2063unknown\u2063";

const withoutPlaceholders = (json: Json): Json | undefined => {
  if (typeof json === "string") return json.includes(placeholder) ? undefined : json;
  if (Array.isArray(json)) return json.flatMap((item: Json) => withoutPlaceholders(item) ?? []);
  if (!isJsonObject(json)) return json;
  const entries = Object.entries(json).flatMap(([name, value]) => {
    const found = name.includes(placeholder) ? undefined : withoutPlaceholders(value);
    return found === undefined ? [] : [[name, found] as const];
  });
  return Object.fromEntries(entries);
};
