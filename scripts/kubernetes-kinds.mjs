// Makes src/kubernetes/data/kinds.json from the /openapi/v2 document of a kube-apiserver:
//   node scripts/kubernetes-kinds.mjs openapi-v2.json
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const document = JSON.parse(readFileSync(process.argv[2], "utf8"));
const source = `/openapi/v2 of kube-apiserver ${document.info.version}`;

const kinds = new Map();
for (const [path, item] of Object.entries(document.paths)) {
  const match = /^\/(?:api|apis\/([^/]+))\/([^/]+)\/(namespaces\/\{namespace\}\/)?([a-z]+)$/.exec(path);
  const gvk = (item.get ?? item.post)?.["x-kubernetes-group-version-kind"];
  if (!match || gvk?.kind === undefined) continue;
  const kind = gvk.kind.replace(/List$/, "");
  const key = `${gvk.group}/${gvk.version}/${kind}`;
  const namespaced = match[3] !== undefined || (kinds.get(key)?.namespaced ?? false);
  kinds.set(key, { group: gvk.group, version: gvk.version, kind, plural: match[4], namespaced });
}

mkdirSync("src/kubernetes/data", { recursive: true });
const rows = [...kinds.values()].map((row) => JSON.stringify(row)).sort();
writeFileSync(
  "src/kubernetes/data/kinds.json",
  `{"source":${JSON.stringify(source)},"kinds":[\n${rows.join(",\n")}\n]}\n`,
);
