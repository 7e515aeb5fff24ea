import { readFileSync, writeFileSync } from "node:fs";

/** Writes the tables of docs/policies.md from schemas/policy-model.schema.json. */

interface Schema {
  readonly type: string;
  readonly description?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
}

const typeOf = ({ type, items, additionalProperties }: Schema): string => {
  if (type === "array")
    return items?.properties === undefined ? `list of ${typeOf(items ?? { type: "string" })}` : "list";
  if (type === "object") return typeof additionalProperties === "object" ? "map" : "object";
  return { integer: "int", number: "double", boolean: "bool" }[type] ?? type;
};

const rows = (properties: Readonly<Record<string, Schema>>, prefix = ""): readonly string[] =>
  Object.entries(properties).flatMap(([name, schema]) => [
    `| \`${prefix}${name}\` | ${typeOf(schema)} | ${schema.description ?? ""} |`,
    ...(schema.properties === undefined ? [] : rows(schema.properties, `${prefix}${name}.`)),
  ]);

/** The tables, a section for each list. */
export const policyTables = (): string => {
  const schema = JSON.parse(readFileSync("schemas/policy-model.schema.json", "utf8")) as Schema;
  return Object.entries(schema.properties ?? {})
    .map(([name, list]) =>
      [
        `### \`${name}\``,
        "",
        list.description ?? "",
        "",
        "| field | type | what it is |",
        "| --- | --- | --- |",
        ...rows(list.items?.properties ?? {}),
      ].join("\n"),
    )
    .join("\n\n");
};

export const tableMarks = ["<!-- tables: begin -->", "<!-- tables: end -->"] as const;

const file = "docs/policies.md";
const [begin, end] = tableMarks;
if (process.argv[1]?.endsWith("update-policies-doc.ts") === true) {
  const text = readFileSync(file, "utf8");
  const head = text.slice(0, text.indexOf(begin) + begin.length);
  const tail = text.slice(text.indexOf(end));
  writeFileSync(file, `${head}\n\n${policyTables()}\n\n${tail}`);
}
