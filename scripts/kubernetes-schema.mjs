// Makes src/kubernetes/data/schema.json and kinds.json from the /openapi/v2 document of a kube-apiserver:
//   node scripts/kubernetes-schema.mjs openapi-v2.json
// Field codes: s text, i integer, n number, b boolean, q Quantity, x IntOrString, t time, * anything, #N type N,
// [CODE list, {CODE map; "@key" after a list is the key that strategic merge patches match its items by, "!" marks retainKeys.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const document = JSON.parse(readFileSync(process.argv[2], "utf8"));
const source = `/openapi/v2 of kube-apiserver ${document.info.version}`;

const special = {
  "io.k8s.apimachinery.pkg.api.resource.Quantity": "q",
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "x",
  "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "t",
  "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": "t",
};
const numbers = new Map();
const types = [];

const codeOf = (schema) => {
  if (schema.$ref) {
    const name = schema.$ref.replace("#/definitions/", "");
    if (special[name]) return special[name];
    const target = document.definitions[name];
    if (!target.properties) return target.type === undefined || target.type === "object" ? "*" : codeOf(target);
    return `#${numberOf(name)}`;
  }
  switch (schema.type) {
    case "string":
      return schema.format === "date-time" ? "t" : schema.format === "int-or-string" ? "x" : "s";
    case "integer":
      return "i";
    case "number":
      return "n";
    case "boolean":
      return "b";
    case "array": {
      const key = schema["x-kubernetes-patch-merge-key"];
      const merges = (schema["x-kubernetes-patch-strategy"] ?? "").includes("merge");
      return `[${codeOf(schema.items)}${merges ? `@${key ?? ""}` : ""}`;
    }
    case "object":
      return schema.additionalProperties ? `{${codeOf(schema.additionalProperties)}` : "*";
    default:
      return "*";
  }
};

const numberOf = (name) => {
  const known = numbers.get(name);
  if (known !== undefined) return known;
  const number = types.length;
  numbers.set(name, number);
  const type = { name: name.split(".").pop(), required: document.definitions[name].required ?? [], fields: {} };
  types.push(type);
  for (const [field, schema] of Object.entries(document.definitions[name].properties)) {
    const retain = (schema["x-kubernetes-patch-strategy"] ?? "").includes("retainKeys") ? "!" : "";
    type.fields[field] = codeOf(schema) + retain;
  }
  if (type.required.length === 0) delete type.required;
  return number;
};

const resources = new Map();
for (const [path, item] of Object.entries(document.paths)) {
  const match = /^\/(?:api|apis\/([^/]+))\/([^/]+)\/(namespaces\/\{namespace\}\/)?([a-z]+)$/.exec(path);
  const gvk = (item.get ?? item.post)?.["x-kubernetes-group-version-kind"];
  if (!match || !gvk || gvk.kind === undefined) continue;
  const kind = gvk.kind.replace(/List$/, "");
  const key = `${gvk.group}/${gvk.version}/${kind}`;
  resources.set(key, {
    group: gvk.group,
    version: gvk.version,
    kind,
    plural: match[4],
    namespaced: match[3] !== undefined || (resources.get(key)?.namespaced ?? false),
  });
}

const kindTypes = {};
for (const [name, definition] of Object.entries(document.definitions)) {
  for (const gvk of definition["x-kubernetes-group-version-kind"] ?? []) {
    const key = `${gvk.group}/${gvk.version}/${gvk.kind}`;
    if (resources.has(key)) kindTypes[key] = numberOf(name);
  }
}

mkdirSync("src/kubernetes/data", { recursive: true });
writeFileSync("src/kubernetes/data/schema.json", `${JSON.stringify({ source, kinds: kindTypes, types })}\n`);
const rows = [...resources.values()].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
writeFileSync(
  "src/kubernetes/data/kinds.json",
  `{"source":${JSON.stringify(source)},"kinds":[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]}\n`,
);
