import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { loadCel } from "../../../src/cluster/cel.ts";
import { readSentDocuments } from "../../../src/load/sent-documents.ts";
import type { Json } from "../../../src/model/json.ts";
import { answerWrites } from "../../../src/simulate/answer-writes.ts";

const folder = import.meta.dirname;
const cel = await loadCel();

/** Cases that differ from the recording, with the reason. A case that passes must leave this list. */
const differing: Readonly<Record<string, string>> = JSON.parse(readFileSync(join(folder, "differing.json"), "utf8"));

const cases = ["bad", "good"].flatMap((kind) =>
  readdirSync(join(folder, kind))
    .filter((name) => name.endsWith(".json"))
    .map((name) => `${kind}/${name.slice(0, -5)}`),
);

interface Recording {
  readonly request: { readonly method: string; readonly path: string; readonly user?: string };
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  readonly httpStatus: number;
  readonly warnings?: readonly string[];
  readonly status?: Json;
  readonly object?: Json;
  readonly text?: string;
}

const documents = (path: string) => (existsSync(path) ? readSentDocuments(readFileSync(path, "utf8")) : []);

const play = (name: string) => {
  const path = join(folder, name);
  const recorded = JSON.parse(readFileSync(`${path}.json`, "utf8")) as Recording;
  const { method, path: apiPath, user } = recorded.request;
  const isReplace = method === "PUT";
  const [answer] = answerWrites(documents(`${path}.before.yaml`), documents(`${path}.yaml`), {
    namespace: apiPath.includes("NAMESPACE") ? "NAMESPACE" : "default",
    namespaceLabels: recorded.namespaceLabels ?? {},
    caller: user === undefined ? undefined : { user, groups: ["system:authenticated"] },
    replace: isReplace,
    raw: false,
    cel,
    ...(isReplace ? {} : { path: apiPath }),
  });
  const shape = (
    { httpStatus, warnings, status, object, text }: Omit<Recording, "request">,
    path: string | undefined,
  ) => JSON.parse(JSON.stringify({ path, httpStatus, warnings: warnings ?? [], status, object, text }));
  return {
    got: answer === undefined ? undefined : shape(answer as unknown as Recording, answer.request.path),
    wanted: shape(recorded, apiPath),
  };
};

test.each(cases.filter((name) => differing[name] === undefined))(
  "%s is answered as the real API server does",
  (name) => {
    const { got, wanted } = play(name);
    expect(got).toEqual(wanted);
  },
);

test.each(Object.keys(differing))("%s still differs", (name) => {
  const { got, wanted } = play(name);
  expect(got).not.toEqual(wanted);
});

test("there are cases", () => {
  expect(cases.length).toBeGreaterThan(280);
});
