import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { regionName } from "./regions.ts";

/** Prices of virtual machines by the hour, as the user's file has them. */
export interface VmPrices {
  readonly currency: string;
  /** Of one node, or nothing where the file does not say. */
  readonly perHour: (
    vmSize: string,
    region: string,
    kind: { readonly spot: boolean; readonly windows: boolean },
  ) => number | undefined;
  /** Sizes of the region that the file has a price of. */
  readonly sizesOf?: (region: string) => readonly string[];
}

/**
 * Reads answers of the Azure Retail Prices API: one, a list of them (its pages), or their items. Of several prices for the same meter the
 * lowest stands; reservations, savings plans and low priority are left out.
 */
export const vmPricesFromRetail = (json: Json): VmPrices => {
  const prices = new Map<string, number>();
  const sizes = new Map<string, Set<string>>();
  let currency: string | undefined;
  for (const item of itemsOf(json)) {
    const size = text(item["armSkuName"]);
    const region = text(item["armRegionName"]);
    const price = item["retailPrice"];
    if (size === undefined || region === undefined || typeof price !== "number" || price <= 0) continue;
    if (item["type"] !== "Consumption" || item["unitOfMeasure"] !== "1 Hour") continue;
    const meter = `${text(item["skuName"]) ?? ""} ${text(item["meterName"]) ?? ""}`;
    if (/low priority/i.test(meter)) continue;
    const windows = /windows/i.test(text(item["productName"]) ?? "");
    const key = keyOf(size, region, { spot: /\bspot\b/i.test(meter), windows });
    prices.set(key, Math.min(prices.get(key) ?? Number.POSITIVE_INFINITY, price));
    const inRegion = sizes.get(regionName(region));
    if (inRegion === undefined) sizes.set(regionName(region), new Set([size]));
    else inRegion.add(size);
    currency ??= text(item["currencyCode"]);
  }
  return {
    currency: currency ?? "",
    perHour: (size, region, kind) => prices.get(keyOf(size, region, kind)),
    sizesOf: (region) => [...(sizes.get(regionName(region)) ?? [])].sort(),
  };
};

const keyOf = (size: string, region: string, kind: { readonly spot: boolean; readonly windows: boolean }): string =>
  [size.toLowerCase(), regionName(region), kind.spot, kind.windows].join("|");

const itemsOf = (json: Json): readonly JsonObject[] => {
  if (Array.isArray(json)) return json.flatMap(itemsOf);
  if (!isJsonObject(json)) return [];
  const { Items: items } = json;
  return Array.isArray(items) ? items.filter(isJsonObject) : [json];
};

const text = (value: Json | undefined): string | undefined => (typeof value === "string" ? value : undefined);
