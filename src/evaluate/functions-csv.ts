import { dynamicType, stringType } from "../model/type.ts";
import { type FunctionDefinition, type FunctionFailure, fail, notNull } from "./functions-definition.ts";
import { listValue, objectValue, stringValue } from "./values-construct.ts";
import { objectOf } from "./values-type.ts";

interface Row {
  readonly fields: readonly string[];
  readonly line: number;
}

/** Rows of comma separated values, read as Go's encoding/csv reads them; the failure stands after the rows before it. */
const parseCsv = (text: string): { readonly rows: readonly Row[]; readonly failure: FunctionFailure | undefined } => {
  const rows: Row[] = [];
  const source = text.replaceAll("\r\n", "\n").replace(/\r$/, "");
  let at = 0;
  let line = 1;
  while (at < source.length) {
    const end = lineEnd(source, at);
    if (end - at === 1 && source[at] === "\n") {
      at = end;
      line++;
      continue;
    }
    const row = parseRow(source, at, line);
    if ("kind" in row) return { rows, failure: row };
    rows.push({ fields: row.fields, line });
    at = row.end;
    line = row.line;
  }
  return { rows, failure: undefined };
};

const lineEnd = (text: string, from: number): number => {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end + 1;
};

const problem = (line: number, what: string): FunctionFailure => fail(`CSV parse error on line ${line}: ${what}`);

const parseRow = (
  text: string,
  start: number,
  firstLine: number,
): { readonly fields: readonly string[]; readonly end: number; readonly line: number } | FunctionFailure => {
  const fields: string[] = [];
  let at = start;
  let line = firstLine;
  for (;;) {
    if (text[at] !== '"') {
      const stop = plainEnd(text, at);
      const field = text.slice(at, stop);
      if (field.includes('"')) return problem(line, 'bare " in non-quoted-field');
      fields.push(field);
      at = stop;
    } else {
      const quoted = quotedField(text, at + 1, line);
      if ("kind" in quoted) return quoted;
      fields.push(quoted.field);
      at = quoted.end;
      line = quoted.line;
    }
    if (text[at] === ",") {
      at++;
      continue;
    }
    return { fields, end: at + 1, line: line + 1 };
  }
};

const plainEnd = (text: string, from: number): number => {
  let at = from;
  while (at < text.length && text[at] !== "," && text[at] !== "\n") at++;
  return at;
};

const quotedField = (
  text: string,
  from: number,
  firstLine: number,
): { readonly field: string; readonly end: number; readonly line: number } | FunctionFailure => {
  let field = "";
  let at = from;
  let line = firstLine;
  for (;;) {
    const quote = text.indexOf('"', at);
    const part = text.slice(at, quote < 0 ? text.length : quote);
    field += part;
    for (const char of part) if (char === "\n") line++;
    if (quote < 0) return problem(text.endsWith("\n") ? line - 1 : line, 'extraneous or missing " in quoted-field');
    const next = text[quote + 1];
    if (next === '"') {
      field += '"';
      at = quote + 2;
      continue;
    }
    if (next === undefined || next === "," || next === "\n") return { field, end: quote + 1, line };
    return problem(line, 'extraneous or missing " in quoted-field');
  }
};

const csvdecode: FunctionDefinition = {
  parameters: [{ name: "str", type: stringType }],
  result: ([text]) => {
    if (text?.kind !== "string") return dynamicType;
    const { rows, failure } = parseCsv(text.value);
    const header = rows[0];
    if (header === undefined) return failure ?? fail("missing header line");
    const names = new Set<string>();
    for (const name of header.fields) {
      if (names.has(name)) return fail(`duplicate column name ${JSON.stringify(name)}`);
      names.add(name);
    }
    return { kind: "list", element: objectOf([...names].map((name) => [name, stringType])) };
  },
  refinement: notNull,
  call: ([text], result) => {
    const { rows, failure } = parseCsv(text?.kind === "string" ? text.value : "");
    const [header, ...body] = rows;
    const names = header?.fields ?? [];
    const short = body.find((row) => row.fields.length !== names.length);
    if (short !== undefined) return problem(short.line, "wrong number of fields");
    if (failure !== undefined) return failure;
    return listValue(
      result.kind === "list" ? result.element : dynamicType,
      body.map(({ fields }) => objectValue(fields.map((field, index) => [names[index] ?? "", stringValue(field)]))),
    );
  },
};

/** csvdecode. */
export const csvFunctions: Readonly<Record<string, FunctionDefinition>> = { csvdecode };
