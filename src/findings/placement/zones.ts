import { regionZones } from "../../azure/regions.ts";
import { known } from "../../model/unknown.ts";
import { nameOf, poolsOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { violation } from "../violation.ts";

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
