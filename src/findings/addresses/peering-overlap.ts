import { formatCidr, overlaps } from "../../azure/cidr.ts";
import { resolve } from "../../graph/resolve.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { known } from "../../model/unknown.ts";
import { managedClusters, nameOf, networksOf, rangesOf } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const peeringOverlap: Rule = {
  code: "AKS1016",
  title: "Peered networks overlap",
  severity: "error",
  explain: `Two networks with overlapping address spaces cannot be peered.
What happens: the apply ends with VnetAddressSpacesOverlap.
Mend: another address space for one of them.
Source: Azure Virtual Network, "Virtual network peering", requirements and constraints.`,
  *check(world) {
    for (const peering of world.platform.peerings) {
      const [own, remote] = [peering.virtualNetwork, peering.remoteVirtualNetwork].map((reference) =>
        resolve(world.platform.virtualNetworks, reference),
      );
      if (own === undefined || remote === undefined || own === remote) continue;
      const theirs = rangesOf(remote.addressSpace);
      const clash = rangesOf(own.addressSpace).find((range) => theirs.some((other) => overlaps(range, other)));
      // Both directions fail for one reason; the first in order of address tells it.
      if (clash === undefined || own.address > remote.address) continue;
      yield violation(peeringOverlap, {
        subject: peering.address,
        range: peering.rangeAt("remote_virtual_network_id") ?? peering.range,
        detail: `Networks "${nameOf(own)}" (${formatCidr(clash)}) and "${nameOf(remote)}" (${theirs.map(formatCidr).join(", ")}) overlap: they cannot be peered. Give one of them another address space.`,
        related: relatedTo(
          [own.address, own.rangeAt("address_space")],
          [remote.address, remote.rangeAt("address_space")],
        ),
      });
    }
    yield* givenRanges(world);
  },
};

/** Ranges that only aks-twin.yaml names: whether they are peered or behind a gateway is not known, but one of the two is out of reach. */
function* givenRanges(world: World): Iterable<Diagnostic> {
  const given = world.platform.peeredRanges ?? [];
  if (given.length === 0) return;
  for (const network of new Set(managedClusters(world).flatMap((cluster) => networksOf(world, cluster)))) {
    for (const { name, prefix, range } of given) {
      const clash = rangesOf([prefix]).find((other) =>
        rangesOf(network.addressSpace).some((own) => overlaps(own, other)),
      );
      if (clash === undefined) continue;
      yield violation(peeringOverlap, {
        subject: network.address,
        range: network.rangeAt("address_space") ?? network.range,
        severity: "warning",
        summary: "A network overlaps a range that it is to reach",
        detail: `Network "${nameOf(network)}" (${(known(network.addressSpace) ?? []).join(", ")}) overlaps range "${name}" (${formatCidr(clash)}) of aks-twin.yaml: it cannot be peered, and behind a gateway its hosts are out of reach. Give the network another address space.`,
        related: relatedTo([`range "${name}"`, range]),
      });
    }
  }
}
