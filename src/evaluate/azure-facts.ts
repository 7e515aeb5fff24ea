import { type Fact, unknown } from "../model/unknown.ts";
import type { Value } from "../model/value.ts";
import { toDouble } from "./values-number.ts";
import { formatNum, parseNum } from "./values-number-text.ts";

/** Text as a fact. A sensitive text is kept back: facts are printed. */
export const textFact = (value: Value | undefined): Fact<string> => {
  if (value === undefined) return undefined;
  switch (value.kind) {
    case "string":
      return isSensitive(value) ? unknown("it is sensitive and not shown") : value.value;
    case "number":
      return formatNum(value.value);
    case "bool":
      return String(value.value);
    case "unknown":
      return unknown(value.because);
    default:
      return undefined;
  }
};

export const numberFact = (value: Value | undefined): Fact<number> => {
  if (value === undefined) return undefined;
  switch (value.kind) {
    case "number":
      return toDouble(value.value);
    case "string": {
      const number = parseNum(value.value);
      return number === undefined ? undefined : toDouble(number);
    }
    case "unknown":
      return unknown(value.because);
    default:
      return undefined;
  }
};

export const boolFact = (value: Value | undefined): Fact<boolean> => {
  if (value === undefined) return undefined;
  switch (value.kind) {
    case "bool":
      return value.value;
    case "string":
      return value.value === "true" ? true : value.value === "false" ? false : undefined;
    case "unknown":
      return unknown(value.because);
    default:
      return undefined;
  }
};

/** A list of texts, known only when each is. */
export const textsFact = (value: Value | undefined): Fact<readonly string[]> => {
  if (value === undefined) return undefined;
  if (value.kind === "unknown") return unknown(value.because);
  if (!("items" in value)) return undefined;
  const texts: string[] = [];
  for (const item of value.items) {
    const text = textFact(item);
    if (typeof text === "string") texts.push(text);
    else if (text !== undefined) return text;
  }
  return texts;
};

/** The texts of a list that are known. */
export const knownTexts = (value: Value | undefined): readonly string[] =>
  value !== undefined && "items" in value
    ? value.items.flatMap((item) => {
        const text = textFact(item);
        return typeof text === "string" ? [text] : [];
      })
    : [];

/** The entries of a map that are known. */
export const knownTextMap = (value: Value | undefined): Readonly<Record<string, string>> => {
  if (value?.kind !== "map" && value?.kind !== "object") return {};
  const entries: [string, string][] = [];
  for (const [name, item] of value.fields) {
    const text = textFact(item);
    if (typeof text === "string") entries.push([name, text]);
  }
  return Object.fromEntries(entries);
};

/** A number, truth value or text, as it is written. */
export const scalarFact = (value: Value | undefined): Fact<string | number | boolean> => {
  switch (value?.kind) {
    case "number":
      return numberFact(value);
    case "bool":
      return value.value;
    default:
      return textFact(value);
  }
};

/** The text even where it is sensitive, for comparing and never for showing. */
export const rawText = (value: Value | undefined): string | undefined =>
  value?.kind === "string" ? value.value : undefined;

const isSensitive = (value: Value): boolean => value.marks?.has("sensitive") === true;
