import { expect, test } from "@jest/globals";
import { vmPricesFromRetail } from "../../../src/azure/retail-prices.ts";
import { chooseLaunch, type LaunchMarket } from "../../../src/simulate/autoscaling/karpenter-launch.ts";
import { requirement } from "../../../src/simulate/autoscaling/karpenter-requirement.ts";
import { requirementsOf } from "../../../src/simulate/autoscaling/karpenter-requirements.ts";
import { parseSizeName } from "../../../src/simulate/autoscaling/karpenter-size-name.ts";
import { size } from "../../support/karpenter.ts";

const market: LaunchMarket = { region: "r" };
const anything = requirementsOf([]);
const spot = ["on-demand", "spot"] as const;

const launched = (types: readonly ReturnType<typeof size>[], requirements = anything, where = market) => {
  const choice = chooseLaunch(types, requirements, new Map([["cpu", 1000]]), where);
  return choice === undefined
    ? undefined
    : `${choice.type.name} ${choice.capacityType} ${choice.zones.join("|")} ${choice.basis}`;
};

test("the cheapest size is launched, in any of its zones", () => {
  const types = [size("dear", 2, 4, { price: 0.2 }), size("cheap", 8, 32, { price: 0.1 })];
  expect(launched(types)).toBe("cheap on-demand r-1|r-2|r-3 price");
});

test("spot goes first where it is allowed and no dearer", () => {
  const types = [size("a", 2, 4, { price: 0.1, spotPrice: 0.1, capacityTypes: spot })];
  expect(launched(types)).toBe("a spot r-1|r-2|r-3 price");
  const onDemand = requirementsOf([requirement("karpenter.sh/capacity-type", "In", ["on-demand"])]);
  expect(launched(types, onDemand)).toBe("a on-demand r-1|r-2|r-3 price");
});

test("a zone goes before the region as a whole, and the region is taken where no zone is left", () => {
  const types = [size("a", 2, 4, { price: 0.1, zones: ["r-1", "0"] })];
  expect(launched(types)).toBe("a on-demand r-1 price");
  const regional = requirementsOf([requirement("topology.kubernetes.io/zone", "In", ["0"])]);
  expect(launched(types, regional)).toBe("a on-demand 0 price");
});

test("of equal prices the name decides", () => {
  expect(launched([size("b", 2, 4, { price: 0.1 }), size("a", 4, 4, { price: 0.1 })])).toMatch(/^a /);
});

test("a size without a price comes last", () => {
  expect(launched([size("a", 2, 4), size("b", 8, 32, { price: 9 })])).toMatch(/^b .* price$/);
});

test("without prices the smallest size that fits stands in, and says so", () => {
  const types = [size("big", 8, 16), size("wide", 2, 16), size("small", 2, 8)];
  expect(launched(types)).toBe("small on-demand r-1|r-2|r-3 assumed");
  const choice = chooseLaunch(types, anything, new Map(), market);
  expect(choice?.ranked.map(({ name }) => name)).toEqual(["small", "wide", "big"]);
});

test("no size in the zone that is asked for: nothing is launched", () => {
  const elsewhere = requirementsOf([requirement("topology.kubernetes.io/zone", "In", ["q-1"])]);
  expect(launched([size("a", 2, 4)], elsewhere)).toBeUndefined();
});

const item = (armSkuName: string, retailPrice: number) => ({
  armSkuName,
  armRegionName: "r",
  retailPrice,
  type: "Consumption",
  unitOfMeasure: "1 Hour",
  skuName: armSkuName,
  meterName: armSkuName,
  productName: "Virtual Machines",
  currencyCode: "USD",
});

test("a cheaper size of the price file that the table lacks is a doubt, as far as its name goes with the requirements", () => {
  const prices = vmPricesFromRetail([
    item("Standard_D2zs_v9", 0.01),
    item("Standard_D2nls_v6", 0.02),
    item("Standard_F2zs_v9", 0.01),
    item("Standard_D1ns_v6", 0.01),
    item("Standard_D2pnls_v6", 0.01),
    item("Standard_D2ns_v6", 0.9),
  ]);
  const family = requirementsOf([
    requirement("karpenter.azure.com/sku-family", "In", ["D"]),
    requirement("kubernetes.io/arch", "In", ["amd64"]),
  ]);
  const types = [size("Standard_D2s_v5", 2, 8, { price: 0.1, labels: { "karpenter.azure.com/sku-family": "D" } })];
  const choice = chooseLaunch(types, family, new Map([["cpu", 1000]]), { region: "r", prices });
  expect(choice?.doubts).toEqual(["cheaper sizes that the table of sizes lacks may fit: Standard_D2nls_v6"]);
});

test.each([
  ["Standard_D4as_v5", "D", "Das_v5", "5", undefined],
  ["Standard_NC24ads_A100_v4", "N", "NCads_v4", "4", "A100"],
  ["Standard_NC4as_T4_v3", "N", "NCas_v3", "3", "T4"],
  ["Standard_ND96isr_MI300X_v5", "N", "NDisr_v5", "5", "MI300X"],
  ["Standard_NC6s_v3", "N", "NCs_v3", "3", "V100"],
  ["Standard_A4_v2", "A", "A_v2", "2", undefined],
  ["Standard_NV24", "N", "NV", "1", undefined],
  ["Standard_D3_v2_Promo", "D", "D_v2", "2", undefined],
  ["Standard_M96s_1_v3", "M", "Ms_v3", "3", undefined],
])("the name %s", (name, family, series, version, accelerator) => {
  expect(parseSizeName(name)).toMatchObject({ family, series, version, accelerator, constrained: false });
});

test("constrained vCPUs, and what is no size's name", () => {
  expect(parseSizeName("Standard_M8-2ms_v2")?.constrained).toBe(true);
  expect(parseSizeName("Basic_A1")).toBeUndefined();
});
