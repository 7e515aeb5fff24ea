import { regionName, regionZones } from "../../azure/regions.ts";
import { known } from "../../model/unknown.ts";
import { nameOf, poolsOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { violation } from "../violation.ts";

export const sizeInRegion: Rule = {
  code: "AKS2034",
  title: "The VM size is not offered there",
  severity: "error",
  explain: `A VM size is offered in some regions and zones only, and a subscription may be kept from it there. The figures are those of \`az vm list-skus\`, given as \`skus\` in aks-twin.yaml; without it
nothing is said.
What happens: SkuNotAvailable, "The requested VM size … is currently not available in location", or AvailabilityZoneNotSupported.
Mend: another size, region or zone, or a request for access to the size.
Source: support articles "SkuNotAvailable error" and "AvailabilityZoneNotSupported error"; "Resolve errors for SKU not available".`,
  *check(world) {
    if (world.sizes === undefined) return;
    for (const { cluster, pool } of poolsOf(world)) {
      const name = known(pool.vmSize);
      const location = known(cluster.location);
      const size = name === undefined ? undefined : world.sizes.get(name.toLowerCase());
      if (name === undefined || location === undefined || size === undefined) continue;
      const region = regionName(location);
      if (size.restrictedRegions?.includes(region) === true) {
        yield violation(sizeInRegion, {
          subject: pool.address,
          range: pool.rangeAt("vm_size"),
          detail: `Pool "${nameOf(pool)}" asks for ${size.name} in "${location}", where the subscription may not use it: the apply ends with SkuNotAvailable. Choose another size or region, or ask for access.`,
          evidence: { vmSize: size.name, location },
        });
        continue;
      }
      const offered = size.zonesByRegion?.get(region);
      const lost = offered === undefined ? [] : (known(pool.zones) ?? []).filter((zone) => !offered.includes(zone));
      if (offered === undefined || lost.length === 0 || regionZones(location) === "not zonal") continue;
      yield violation(sizeInRegion, {
        subject: pool.address,
        range: pool.rangeAt("zones"),
        summary: "The VM size is not offered in that zone",
        detail: `Pool "${nameOf(pool)}" asks for ${size.name} in zone ${lost.join(", ")} of "${location}", which offers it in ${offered.length === 0 ? "no zone" : `zone ${offered.join(", ")}`}: the apply ends with AvailabilityZoneNotSupported. Choose other zones or another size.`,
        evidence: { vmSize: size.name, location, zones: lost.join(", ") },
      });
    }
  },
};

export const zonesInRegion: Rule = {
  code: "AKS2014",
  title: "The region has no availability zones",
  severity: "error",
  explain: `Not every region has availability zones; a pool with zones there is refused. Regions newer than the table are not judged.
What happens: the apply ends with AvailabilityZoneNotSupported.
Mend: take zones away, or choose a region with zones.
Source: support article "AvailabilityZoneNotSupported error"; "Azure regions list", 2025-03-21.`,
  *check(world) {
    for (const { cluster, pool } of poolsOf(world)) {
      const zones = known(pool.zones) ?? [];
      const location = known(cluster.location);
      if (zones.length === 0 || location === undefined || regionZones(location) !== "not zonal") continue;
      yield violation(zonesInRegion, {
        subject: pool.address,
        range: pool.rangeAt("zones"),
        detail: `Pool "${nameOf(pool)}" asks for zones ${zones.join(", ")} in "${location}", a region without availability zones: Azure refuses it. Take zones away or choose another region.`,
        evidence: { zones: zones.join(", "), location },
      });
    }
  },
};
