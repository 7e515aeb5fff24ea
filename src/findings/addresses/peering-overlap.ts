import { formatCidr, overlaps } from "../../azure/cidr.ts";
import { resolve } from "../../graph/resolve.ts";
import { nameOf, rangesOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
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
  },
};
