import type { VmPrices } from "../../azure/retail-prices.ts";
import { type VmSizeOverrides, vmSize } from "../../azure/vm-sizes.ts";
import type { Amounts, CapacityType, InstanceType, Offering } from "./karpenter-instance-types.ts";
import { archLabel, instanceTypeLabel, regionalZone, skuLabels } from "./karpenter-labels.ts";
import { offeringsFor } from "./karpenter-node-claim.ts";
import { allows } from "./karpenter-requirement.ts";
import type { Requirements } from "./karpenter-requirements.ts";
import { parseSizeName } from "./karpenter-size-name.ts";

/** The size and place that a node is launched with, and how sure that is. */
export interface LaunchChoice {
  readonly type: InstanceType;
  readonly capacityType: CapacityType;
  /** Any of these, at random. */
  readonly zones: readonly string[];
  readonly price: number | undefined;
  /** `price`: the cheapest by the prices given; `assumed`: the smallest that fits, since no price decides. */
  readonly basis: "price" | "assumed";
  /** Why the choice by price may be another one after all. */
  readonly doubts: readonly string[];
  /** All sizes that fit, the likeliest first. */
  readonly ranked: readonly InstanceType[];
}

export interface LaunchMarket {
  readonly region: string;
  readonly prices?: VmPrices | undefined;
  readonly sizes?: VmSizeOverrides | undefined;
}

interface Candidate {
  readonly type: InstanceType;
  readonly best: Offering;
  readonly offerings: readonly Offering[];
}

/**
 * The provider launches the cheapest offering; of equal prices spot goes before on-demand, a zone before the region as a whole, then the
 * name decides; among zones it draws. Sizes without a price come last. Source: Azure/karpenter-provider-azure v1.14.2
 * `pkg/providers/allocationstrategy`. Where no price is known the smallest size that fits stands in: fewest vCPUs, least memory, then the
 * newest series.
 */
export const chooseLaunch = (
  types: readonly InstanceType[],
  requirements: Requirements,
  requests: Amounts,
  market: LaunchMarket,
): LaunchChoice | undefined => {
  const candidates = types.flatMap((type): Candidate[] => {
    const offerings = offeringsFor(type, requirements);
    const best = [...offerings].sort(byOffering)[0];
    return best === undefined ? [] : [{ type, best, offerings }];
  });
  const isPriced = candidates.some(({ best }) => best.price !== undefined);
  const ranked = candidates.sort(isPriced ? byLaunch : bySize);
  const first = ranked[0];
  if (first === undefined) return undefined;
  const { type, best, offerings } = first;
  const equal = offerings.filter((each) => byOffering(each, best) === 0).map(({ zone }) => zone);
  return {
    type,
    capacityType: best.capacityType,
    zones: [...new Set(equal)].sort(),
    price: best.price,
    basis: best.price === undefined ? "assumed" : "price",
    doubts: best.price === undefined ? [] : doubtsOf(first, requirements, requests, market),
    ranked: ranked.map(({ type: each }) => each),
  };
};

/** The cheapest sizes that a launch names; all where no price is known, since any may be among them then. */
export const cheapestSizes = (
  types: readonly InstanceType[],
  requirements: Requirements,
  most: number,
): readonly InstanceType[] => {
  const choice = chooseLaunch(types, requirements, new Map(), { region: "" });
  return choice === undefined || choice.basis === "assumed" ? types : choice.ranked.slice(0, most);
};

/** Unknown prices count as higher than any other. */
const priceOf = ({ price }: Offering): number => price ?? Number.POSITIVE_INFINITY;

const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

const byOffering = (a: Offering, b: Offering): number =>
  compare(priceOf(a), priceOf(b)) ||
  compare(a.capacityType === "spot" ? 0 : 1, b.capacityType === "spot" ? 0 : 1) ||
  compare(a.zone === regionalZone ? 1 : 0, b.zone === regionalZone ? 1 : 0);

const byName = (a: Candidate, b: Candidate): number => (a.type.name < b.type.name ? -1 : 1);

const byLaunch = (a: Candidate, b: Candidate): number => byOffering(a.best, b.best) || byName(a, b);

/** Memory counts in steps of 4 GiB, so that the 7 GiB of the oldest sizes do not go before the 8 GiB of all others. */
const memorySteps = ({ type }: Candidate): number => Math.ceil((type.size.memoryGib ?? 0) / 4);

/** The first two series of family D, which are being retired, stand in only where nothing else fits. */
const isSuperseded = ({ type }: Candidate): number => {
  const parts = parseSizeName(type.name);
  return parts?.family === "D" && Number(parts.version) <= 2 ? 1 : 0;
};

const versionOf = ({ type }: Candidate): number => Number(parseSizeName(type.name)?.version ?? 0);

const bySize = (a: Candidate, b: Candidate): number =>
  compare(a.type.size.vcpus, b.type.size.vcpus) ||
  compare(isSuperseded(a), isSuperseded(b)) ||
  compare(memorySteps(a), memorySteps(b)) ||
  compare(versionOf(b), versionOf(a)) ||
  compare(a.type.size.memoryGib ?? 0, b.type.size.memoryGib ?? 0) ||
  byName(a, b);

const doubtsOf = (
  { type, best }: Candidate,
  requirements: Requirements,
  requests: Amounts,
  { region, prices, sizes }: LaunchMarket,
): readonly string[] => {
  const unsure = [...type.unsure].filter((key) => requirements.has(key)).sort();
  const cheaper = (prices?.sizesOf?.(region) ?? []).filter((name) => {
    const spot = best.capacityType === "spot";
    const price = prices?.perHour(name, region, { spot, windows: false });
    return price !== undefined && price < priceOf(best) && mayFitUnseen(name, requirements, requests, sizes);
  });
  const more = cheaper.length > 3 ? ` and ${cheaper.length - 3} more` : "";
  return [
    ...unsure.map((key) => `whether ${type.name} meets ${key} is not known`),
    ...(cheaper.length === 0
      ? []
      : [`cheaper sizes that the table of sizes lacks may fit: ${cheaper.slice(0, 3).join(", ")}${more}`]),
  ];
};

/** Whether a size that the table lacks could be meant, as far as its name tells. */
const mayFitUnseen = (
  name: string,
  requirements: Requirements,
  requests: Amounts,
  sizes: VmSizeOverrides | undefined,
): boolean => {
  const parts = parseSizeName(name);
  if (parts === undefined || parts.constrained || vmSize(name, sizes) !== undefined) return false;
  if (/^Standard_([DE]C|N)/i.test(name)) return false;
  const isArm = /^[A-Z]+\d+[a-z]*p/.test(name.replace(/^Standard_/, ""));
  const told: readonly (readonly [string, string])[] = [
    [instanceTypeLabel, name],
    [skuLabels.name, name],
    [skuLabels.family, parts.family],
    [skuLabels.series, parts.series],
    [skuLabels.version, parts.version],
    [skuLabels.cpu, String(parts.vcpus)],
    [archLabel, isArm ? "arm64" : "amd64"],
  ];
  const meets = told.every(([key, value]) => {
    const asked = requirements.get(key);
    return asked === undefined || allows(asked, value);
  });
  return meets && parts.vcpus * 1000 > (requests.get("cpu") ?? 0);
};
