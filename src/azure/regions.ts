import { lazyTable } from "./data-file.ts";

const table = lazyTable<{ readonly zonal: readonly string[]; readonly nonZonal: readonly string[] }>("regions.json");

/** `West Europe` and `westeurope` are one region: lower case, no spaces. */
export const regionName = (location: string): string => location.toLowerCase().replaceAll(" ", "");

/** What is known of a region's availability zones ("Azure regions list", 2025-03-21; newer regions are not in it). */
export const regionZones = (location: string): "zonal" | "not zonal" | "not in the table" => {
  const name = regionName(location);
  if (table().zonal.includes(name)) return "zonal";
  return table().nonZonal.includes(name) ? "not zonal" : "not in the table";
};
