import type { ResourceRef } from "../../azure/platform.ts";
import { regionName } from "../../azure/regions.ts";
import { nameOfId, resolve } from "../../graph/resolve.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { managedClusters, nameOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const privateZoneName: Rule = {
  code: "AKS3060",
  title: "Private DNS zone has not the name that the cluster needs",
  severity: "error",
  explain: `The zone of a private cluster is called privatelink.<region>.azmk8s.io, after the cluster's own region, or has one more label before that.
What happens: the cluster is refused, "invalid custom private dns zone resource id".
Mend: the zone of the cluster's region.
Source: "Create a private AKS cluster", custom private DNS zone.`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const given = cluster.privateDnsZone;
      const location = known(cluster.location);
      if (known(cluster.privateCluster) !== true || location === undefined) continue;
      if (given === undefined || isUnknown(given)) continue;
      const reference: ResourceRef =
        typeof given === "string" ? { address: undefined, id: given } : (given as ResourceRef);
      const zone = resolve(world.platform.privateDnsZones, reference);
      const id = known(reference.id);
      const name =
        zone === undefined ? (id?.includes("/privateDnsZones/") ? nameOfId(id) : undefined) : known(zone.name);
      // Sovereign clouds have other suffixes.
      if (name === undefined || /\.(us|cn)$/i.test(name) || /^(usgov|usdod|china)/.test(regionName(location))) continue;
      const wanted = `privatelink.${regionName(location)}.azmk8s.io`;
      const own = name.toLowerCase();
      const prefix = own.endsWith(`.${wanted}`) ? own.slice(0, -wanted.length - 1) : undefined;
      if (own === wanted || (prefix !== undefined && !prefix.includes("."))) continue;
      yield violation(privateZoneName, {
        subject: cluster.address,
        range: cluster.rangeAt("private_dns_zone_id"),
        detail: `Cluster "${nameOf(cluster)}" in ${location} names private DNS zone "${name}"; its zone must be "${wanted}", or "<name>.${wanted}": Azure refuses the cluster. Use that zone.`,
        related: relatedTo(["the zone", zone?.rangeAt("name")]),
      });
    }
  },
};
