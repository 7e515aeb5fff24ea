import type { MappingValue, Value } from "../model/value.ts";
import type { InstanceReference, ResourceInstance } from "./resource-instance.ts";
import { readInstanceAddress } from "./state.ts";

/** The instances of an earlier configuration under the addresses that a later one gives them, so that the two can be held side by side. */
export const renamedInstances = (
  instances: readonly ResourceInstance[],
  rename: (address: string) => string,
): readonly ResourceInstance[] => {
  const changed = instances
    .map(({ address }): readonly [string, string] => [address, rename(address)])
    .filter(([from, to]) => from !== to);
  if (changed.length === 0) return instances;
  const references = (given: readonly InstanceReference[]): readonly InstanceReference[] =>
    given.map((reference) => ({ ...reference, to: rename(reference.to) }));
  return instances.map((instance): ResourceInstance => {
    const address = rename(instance.address);
    const parts = readInstanceAddress(address);
    const { providerTargets, providerUses } = instance;
    return {
      ...instance,
      address,
      ...(parts === undefined ? {} : { module: parts.module, name: parts.name, key: parts.key }),
      dependsOn: instance.dependsOn.map(rename).sort(),
      references: references(instance.references),
      ...(providerTargets === undefined ? {} : { providerTargets: providerTargets.map(rename) }),
      ...(providerUses === undefined ? {} : { providerUses: references(providerUses) }),
      values: renamed(instance.values, rename, changed) as MappingValue,
    };
  });
};

/** Unknown values name the resource that they come from. */
const renamed = (
  value: Value,
  rename: (address: string) => string,
  changed: readonly (readonly [string, string])[],
): Value => {
  if ("items" in value) return { ...value, items: value.items.map((item) => renamed(item, rename, changed)) } as Value;
  if ("fields" in value) {
    const fields = new Map([...value.fields].map(([name, item]) => [name, renamed(item, rename, changed)]));
    return { ...value, fields } as Value;
  }
  if (value.kind !== "unknown") return value;
  const { origin, draft } = value;
  const because = changed.reduce((text, [from, to]) => text.replaceAll(`${from}.`, `${to}.`), value.because);
  return {
    ...value,
    because,
    ...(origin === undefined ? {} : { origin: { ...origin, address: rename(origin.address) } }),
    ...(draft === undefined
      ? {}
      : {
          draft:
            draft.kind === "text"
              ? { ...draft, parts: draft.parts.map((part) => renamed(part, rename, changed)) as typeof draft.parts }
              : { ...draft, value: renamed(draft.value, rename, changed) },
        }),
  };
};
