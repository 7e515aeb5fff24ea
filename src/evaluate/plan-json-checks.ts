import type { JsonObject } from "../model/json.ts";
import { inModule, keyText, resourceText } from "./address.ts";
import type { CheckResult, Walk } from "./walk.ts";

/** The conditions and their results, as `checks` of a plan. */
export const checksJson = (walk: Walk): readonly JsonObject[] =>
  [...walk.checks.values()].map(checkJson).sort((a, b) => compareText(displayOf(a), displayOf(b)));

const displayOf = (check: JsonObject): string => {
  const address = check["address"];
  return typeof address === "object" && address !== null && "to_display" in address
    ? String(address["to_display"])
    : "";
};

const localName = ({ kind, mode, type, name }: CheckResult): string => {
  if (kind === "resource") return resourceText(mode ?? "managed", type ?? "", name);
  return `${kind === "output_value" ? "output" : kind}.${name}`;
};

const severityOrder = ["pass", "unknown", "fail", "error"] as const;

const checkJson = (check: CheckResult): JsonObject => {
  const instances = [...check.instances.values()];
  const worst = severityOrder[Math.max(0, ...instances.map(({ status }) => severityOrder.indexOf(status)))] ?? "pass";
  const local = localName(check);
  return {
    address: {
      kind: check.kind,
      ...(check.mode === undefined ? {} : { mode: check.mode }),
      ...(check.module.address === "" ? {} : { module: check.module.address }),
      name: check.name,
      to_display: inModule(check.module.address, local),
      ...(check.type === undefined ? {} : { type: check.type }),
    },
    status: worst,
    ...(instances.length === 0
      ? {}
      : {
          instances: instances.map((instance) => ({
            address: {
              ...(instance.key === undefined ? {} : { instance_key: instance.key }),
              ...(instance.module.address === "" ? {} : { module: instance.module.address }),
              to_display: `${inModule(instance.module.address, local)}${keyText(instance.key)}`,
            },
            status: instance.status,
            ...(instance.problems.length === 0 ? {} : { problems: instance.problems.map((message) => ({ message })) }),
          })),
        }),
  };
};

const compareText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
