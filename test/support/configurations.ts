import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Configuration {
  readonly path: string;
  readonly text: string;
}

/** Every `.tf` file of the samples and of the test data. */
export const configurations = (): readonly Configuration[] =>
  ["samples", "test"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".tf"))
      .sort()
      .map((name) => ({ path: join(folder, name), text: readFileSync(join(folder, name), "utf8") })),
  );

/** Texts at the borders of the grammar, right and wrong ones. */
export const oddTexts: readonly string[] = [
  "",
  "# only a comment",
  "a = 1",
  "a = 1 /* c */\n",
  "a = [\n1,\n\n2\n]\n",
  "a = {\nb = 1,\n\nc = 2 d = 3 }\n",
  "a = { b = 1, c = 2 }\n",
  "a = { b : 1 }\n",
  "a = b ? c : d\n",
  "a = b\n? c : d\n",
  "a = (b\n? c : d)\n",
  "a = f(b...)\n",
  "a = f(b..., c)\n",
  "a = f(b,)\n",
  "a = f(,)\n",
  "a = b[*].c\n",
  "a = b.*.c[0]\n",
  "a = b.*.c.*.d\n",
  "a = b.0\n",
  "a = b.0.1\n",
  "a = 1.\n",
  "a = .5\n",
  "a = 1e-5\n",
  "a = 1e\n",
  "a = x::y(1)\n",
  "a = x::y\n",
  'a = "\\u00e9"\n',
  'a = "\\x"\n',
  'a = "%{ if b }c%{ endif }"\n',
  'a = "%{ if b }c"\n',
  'a = "${b}${c}"\n',
  'a = "${b"\n',
  'a = "$${b"\n',
  "a = <<EOT\nb\nEOT\n",
  "a = <<EOT\nb\nEOT",
  "a = <<-EOT\n  b\n  EOT\n",
  "a = << EOT\nb\nEOT\n",
  "a {}\n",
  "a { b = 1 }\n",
  "a { b = 1, c = 2 }\n",
  "a { b {} }\n",
  'a "b" c {\n}\n',
  "a\n{\n}\n",
  "a {} b {}\n",
  "a {\n",
  "}\n",
  "a = [for x in y : x]\n",
  "a = [for x in y : x => x]\n",
  "a = {for x in y : x => x...}\n",
  "a = {for x in y : x}\n",
  "a = -b\n",
  "a = !b\n",
  "a = b = c\n",
  "a == b\n",
  "a = 'b'\n",
  "a = b;\n",
  "a = b & c\n",
  "größe = 1\n",
  "a-b = 1\n",
  "1a = 1\n",
  "a = null\n",
  "a = 1\r\nb = 2\r\n",
  "a = 1\na = 2\n",
];
