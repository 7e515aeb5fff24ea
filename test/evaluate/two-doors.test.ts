import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { evaluateTerraform } from "../../src/evaluate/evaluate.ts";
import { evaluatePlan } from "../../src/evaluate/evaluate-plan.ts";
import { knownJson, sensitiveJson, unknownJson } from "../../src/evaluate/plan-json-values.ts";
import type { ResourceInstance } from "../../src/evaluate/resource-instance.ts";
import { readPlan } from "../../src/load/plan/plan.ts";
import { readState } from "../../src/load/plan/state.ts";
import { openSourceTree } from "../../src/load/source-tree.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { Value } from "../../src/model/value.ts";

const root = "test/conformance/terraform";
const mocks = JSON.parse(readFileSync(join(root, "mocks.json"), "utf8")) as Readonly<Record<string, JsonObject>>;
const cases = readdirSync(root).filter(
  (name) => existsSync(join(root, name, "expected.plan.json")) && !existsSync(join(root, name, "cmd.json")),
);

const essence = ({
  address,
  mode,
  type,
  name,
  key,
  module,
  provider,
  actions,
  values,
  replacePaths,
}: ResourceInstance) => ({
  address,
  mode,
  type,
  name,
  key,
  module,
  provider,
  actions,
  known: knownJson(values),
  unknown: unknownJson(values),
  replacePaths,
});

/** Where unknown values of other resources end up, by path. */
const origins = (value: Value, own: string, path = ""): readonly string[] => {
  switch (value.kind) {
    case "unknown":
      return value.origin === undefined || value.origin.address === own
        ? []
        : [`${path} = ${value.origin.address} ${value.origin.path.join(".")}`];
    case "list":
    case "set":
    case "tuple":
      return value.items.flatMap((item, index) => origins(item, own, `${path}/${index}`));
    case "map":
    case "object":
      return [...value.fields].flatMap(([name, item]) => origins(item, own, `${path}/${name}`));
    default:
      return [];
  }
};

const byAddress = (instances: readonly ResourceInstance[]): ReadonlyMap<string, ResourceInstance> =>
  new Map(instances.map((instance) => [instance.address, instance]));

const fromText = (name: string): ReadonlyMap<string, ResourceInstance> => {
  const folder = join(root, name);
  const tree = openSourceTree(folder);
  if (tree === undefined) throw new Error(`no folder ${folder}`);
  const stateFile = join(folder, "terraform.tfstate");
  const state = existsSync(stateFile) ? readState(readFileSync(stateFile), "terraform.tfstate").value : undefined;
  const { value } = evaluateTerraform({
    tree,
    directory: "",
    mocks,
    terraformVersion: "1.11.4",
    ...(state === undefined ? {} : { state }),
  });
  return byAddress(value.instances);
};

const fromPlan = (name: string): ReadonlyMap<string, ResourceInstance> => {
  const plan = readPlan(readFileSync(join(root, name, "expected.plan.json")), "plan.json").value;
  if (plan === undefined) throw new Error(`no plan of ${name}`);
  return byAddress(evaluatePlan(plan).value.instances);
};

test.each(cases)("%s: the configuration and its plan give the same instances", (name) => {
  const [text, plan] = [fromText(name), fromPlan(name)];
  expect([...text.keys()].sort()).toEqual([...plan.keys()].sort());
  for (const [address, instance] of text) {
    const other = plan.get(address);
    expect(other === undefined ? undefined : essence(other)).toEqual(essence(instance));
  }
});

test("an unknown value that comes straight from another resource has it as its origin, through either door", () => {
  const name = "aks-with-network-and-pools";
  const [text, plan] = [fromText(name), fromPlan(name)];
  const found = [...text].flatMap(([address, { values }]) =>
    origins(values, address).map((line) => `${address} ${line}`),
  );
  expect(found.length).toBeGreaterThan(3);
  const fromTheOther = [...plan].flatMap(([address, { values }]) =>
    origins(values, address).map((line) => `${address} ${line}`),
  );
  expect(fromTheOther.length).toBeGreaterThan(0);
  for (const line of fromTheOther) expect(found).toContain(line);
});

test("marks come through either door", () => {
  const [text, plan] = [fromText("sensitive-propagation"), fromPlan("sensitive-propagation")];
  const marksOf = (instances: ReadonlyMap<string, ResourceInstance>) => {
    const values = instances.get("terraform_data.a")?.values;
    return values === undefined ? undefined : sensitiveJson(values);
  };
  expect(marksOf(plan)).toMatchObject({ input: { mixed: [false, true], pw: true } });
  expect(marksOf(text)).toMatchObject({ input: { mixed: [false, true], pw: true } });
});
