import { expect, test } from "@jest/globals";
import { renderRelease } from "../../src/load/release.ts";

const release = {
  name: "web",
  namespace: "shop",
  chart: "/repository/charts/web",
  values: ["replicas: 2\n"],
  set: [{ name: "tag", value: "1", type: "string" }],
};

test("helm is asked with the release's name, namespace and values", () => {
  let asked: readonly string[] = [];
  const { value, diagnostics } = renderRelease(release, "/repository", (program, args) => {
    asked = [program, ...args];
    return { output: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n" };
  });
  expect(asked.map((arg) => arg.replace(/.*\/(\d\.yaml)$/, "$1"))).toEqual([
    "helm",
    "template",
    "web",
    "/repository/charts/web",
    "--namespace",
    "shop",
    "--values",
    "0.yaml",
    "--set-string",
    "tag=1",
  ]);
  expect(diagnostics).toEqual([]);
  expect(value[0]?.range.file).toBe("charts/web (helm template web)");
});

test.each([
  [undefined, "not YAML until it is rendered"],
  [() => ({ missing: true }) as const, '"helm" is not on PATH'],
  [() => ({ failed: "no such value" }), "no such value"],
])("a chart that is not rendered is named as not seen", (render, why) => {
  const { value, diagnostics } = renderRelease(release, "/repository", render);
  expect(value).toEqual([]);
  expect(diagnostics[0]?.detail).toContain(why);
});
