import { diskSku, diskSkus, fileSkus, premiumShareGib } from "../../azure/disks.ts";
import { vmSize } from "../../azure/vm-sizes.ts";
import { quantityValue } from "../../kubernetes/quantity.ts";
import { known } from "../../model/unknown.ts";
import { isWindows, nameOf, onlyCluster, quotedList } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { type Claim, isDisk, parameter, skuOf, storageOf } from "./claims.ts";

export const diskNeedsSize: Rule = {
  code: "AKS4005",
  title: "Disk type does not fit the node's VM size",
  severity: "error",
  perCluster: true,
  explain: `Premium disks attach only to sizes with premium storage (an "s" in the name, such as D4s_v5). Ultra disks need ultra_ssd_enabled on the pool; Ultra and Premium
SSD v2 need a pool with zones.
What happens: the attachment fails, "Premium_LRS is not supported", and the pod stays in ContainerCreating.
Mend: another StorageClass, or a pool whose size supports the disk.
Source: "Use Ultra Disks on AKS"; "Use Premium SSD v2 disks on AKS".`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined) return;
    for (const claim of storageOf(world).claims) {
      const sku = claim.class === undefined || !isDisk(claim) ? undefined : diskSku(skuOf(claim.class));
      if (sku === undefined || claim.users.length === 0) continue;
      const pools = poolsUsed(world, claim);
      const wrong = cluster.pools
        .filter((pool) => pools.has(nameOf(pool)) && !isWindows(pool))
        .flatMap((pool) => {
          const size = vmSize(known(pool.vmSize) ?? "");
          const zonal = (known(pool.zones) ?? []).length > 0;
          if (sku.needsPremiumIo && size?.premiumIo === false)
            return [{ pool, why: `its size ${size.name} has no premium storage` }];
          if (sku.name === "UltraSSD_LRS" && known(pool.ultraSsd) !== true)
            return [{ pool, why: "ultra_ssd_enabled is not set on it" }];
          if (sku.zonalOnly && !zonal) return [{ pool, why: "it has no zones" }];
          return [];
        });
      const [first] = wrong;
      if (first === undefined) continue;
      yield violation(diskNeedsSize, {
        subject: claim.address,
        range: claim.rangeAt(["spec", "storageClassName"]),
        detail: `Claim "${claim.name}" gets a ${sku.name} disk, and its pods are placed on pool "${nameOf(first.pool)}", but ${first.why}: the disk cannot be attached. Use another StorageClass or another pool.`,
        evidence: { sku: sku.name, pool: nameOf(first.pool) },
        related: relatedTo([`pool "${nameOf(first.pool)}"`, first.pool.rangeAt("vm_size")]),
      });
    }
  },
};

const poolsUsed = (world: World, claim: Claim): ReadonlySet<string> => {
  const owners = new Set(claim.users.map(({ address }) => address));
  return new Set(
    world.predictions.flatMap(({ placements }) =>
      placements.filter(({ owner }) => owners.has(owner)).map(({ pool }) => pool),
    ),
  );
};

export const skuUnknown: Rule = {
  code: "AKS4014",
  title: "StorageClass asks for a SKU that does not exist",
  severity: "error",
  perCluster: true,
  explain: `The drivers take a fixed list of skuName values; anything else is refused when the first claim is provisioned.
What happens: claims of the class stay Pending.
Mend: one of the names of the list.
Source: azuredisk-csi-driver and azurefile-csi-driver, driver parameters.`,
  *check(world) {
    for (const known of storageOf(world).classes.values()) {
      const sku = skuOf(known);
      if (known.source === undefined || sku === undefined) continue;
      const allowed =
        known.provisioner === "disk.csi.azure.com"
          ? diskSkus.map(({ name }) => name)
          : known.provisioner === "file.csi.azure.com"
            ? fileSkus
            : undefined;
      if (allowed === undefined || allowed.some((name) => name.toLowerCase() === sku.toLowerCase())) continue;
      yield violation(skuUnknown, {
        subject: `StorageClass/${known.name}`,
        range: known.source.rangeAt(["parameters"]),
        detail: `StorageClass "${known.name}" asks for skuName "${sku}", which ${known.provisioner} does not know: its claims stay Pending. Use one of ${quotedList(allowed, 8)}.`,
        evidence: { sku },
      });
    }
  },
};

export const smallPremiumShare: Rule = {
  code: "AKS4007",
  title: "Premium file share is made larger than asked",
  severity: "info",
  perCluster: true,
  explain: `Premium file shares have at least 100 GiB. The driver raises a smaller claim to that without a word, and 100 GiB are billed; with protocol nfs older
drivers refuse it.
What happens: the volume has 100 GiB and costs as much.
Mend: ask for 100Gi, or use a standard class.
Source: azurefile-csi-driver, controller server; "Create a persistent volume with Azure Files in AKS".`,
  *check(world) {
    for (const claim of storageOf(world).claims) {
      const sku = claim.class === undefined ? undefined : skuOf(claim.class);
      if (claim.class?.provisioner !== "file.csi.azure.com" || sku === undefined || !/^premium_/i.test(sku)) continue;
      const asked = claim.spec.resources?.requests?.["storage"];
      const bytes = asked === undefined ? undefined : quantityValue(asked);
      if (bytes === undefined || bytes >= premiumShareGib * 2 ** 30) continue;
      const nfs = parameter(claim.class, "protocol") === "nfs";
      yield violation(smallPremiumShare, {
        subject: claim.address,
        range: claim.rangeAt(["spec", "resources"]),
        severity: nfs ? "warning" : "info",
        detail: `Claim "${claim.name}" asks for ${asked} of StorageClass "${claim.class.name}" (${sku}); premium shares have at least ${premiumShareGib} GiB, which is made and billed. Ask for ${premiumShareGib}Gi or use a standard class.`,
        evidence: { askedBytes: bytes, leastGib: premiumShareGib },
      });
    }
  },
};
