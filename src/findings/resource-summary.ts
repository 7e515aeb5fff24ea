import type { ResourceInstance } from "../evaluate/resource-instance.ts";
import { addressOf, type SourcedObject } from "../kubernetes/object.ts";
import type { Value } from "../model/value.ts";
import type { BehaviourChange } from "./changes.ts";
import { instanceAt } from "./instance-values.ts";
import type { World } from "./rule.ts";

type Compared = Pick<World, "instances" | "objects">;

/** Which resources and objects come, go or change, in at most one line for each kind of change. */
export const resourceSummary = (base: Compared, head: Compared): readonly BehaviourChange[] => {
  const managed = (world: Compared): readonly ResourceInstance[] =>
    world.instances.filter(({ mode }) => mode === "managed");
  const added = managed(head).filter(({ address }) => instanceAt(base, address) === undefined);
  const removed = managed(base).filter(({ address }) => instanceAt(head, address) === undefined);
  const changed = managed(head).filter((instance) => {
    const old = instanceAt(base, instance.address);
    return old !== undefined && old !== instance && fingerprint(old.values) !== fingerprint(instance.values);
  });
  const [was, now] = [objectTexts(base.objects), objectTexts(head.objects)];
  return [
    ...line(
      "resources",
      "resource",
      "added",
      added.map(({ address }) => address),
    ),
    ...line(
      "resources",
      "resource",
      "removed",
      removed.map(({ address }) => address),
    ),
    ...line(
      "resources",
      "resource",
      "changed",
      changed.map(({ address }) => address),
    ),
    ...line(
      "resources",
      "object",
      "added",
      [...now.keys()].filter((address) => !was.has(address)),
    ),
    ...line(
      "resources",
      "object",
      "removed",
      [...was.keys()].filter((address) => !now.has(address)),
    ),
    ...line(
      "resources",
      "object",
      "changed",
      [...now].flatMap(([address, text]) => (was.has(address) && was.get(address)?.() !== text() ? [address] : [])),
    ),
  ];
};

const line = (
  area: BehaviourChange["area"],
  noun: string,
  verb: string,
  names: readonly string[],
): readonly BehaviourChange[] => {
  if (names.length === 0) return [];
  const sorted = [...names].sort();
  const shown = sorted.slice(0, 8).join(", ");
  const more = sorted.length > 8 ? ` and ${sorted.length - 8} more` : "";
  return [
    {
      area,
      subject: sorted[0] ?? "",
      summary: `${names.length} ${noun}${names.length === 1 ? "" : "s"} ${verb}: ${shown}${more}.`,
      before: undefined,
      after: names.length,
      worse: false,
    },
  ];
};

/** Objects by address, each with its text on demand: objects that both sides share are never printed. */
const objectTexts = (objects: readonly SourcedObject[]): ReadonlyMap<string, () => string> =>
  new Map(objects.map(({ object }) => [addressOf(object), () => JSON.stringify(object)]));

/** A value as text in which equal values are equal; unknown ones by where they come from. */
const fingerprint = (value: Value): string => {
  switch (value.kind) {
    case "null":
      return "null";
    case "unknown":
      return `?${value.origin === undefined ? "" : `${value.origin.address}.${value.origin.path.join(".")}`}`;
    case "string":
      return JSON.stringify(value.value);
    case "number":
      return typeof value.value === "number" ? String(value.value) : `${value.value.mantissa}e${value.value.exponent}`;
    case "bool":
      return String(value.value);
    case "list":
    case "set":
    case "tuple":
      return `[${value.items.map(fingerprint).join(",")}]`;
    default:
      return `{${[...value.fields].map(([key, field]) => `${key}:${fingerprint(field)}`).join(",")}}`;
  }
};
