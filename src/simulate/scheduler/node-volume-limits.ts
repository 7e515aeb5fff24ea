import type { CSINode, PersistentVolume, PersistentVolumeClaim } from "../../kubernetes/storage.ts";
import type { ClusterState } from "./cluster-state.ts";
import type { FilterPlugin } from "./framework.ts";
import type { PodRecord } from "./pod-record.ts";
import { classOfClaim } from "./storage-state.ts";

const name = "NodeVolumeLimits";

/** A node attaches no more volumes of a CSI driver than its CSINode says. Source: `plugins/nodevolumelimits/csi.go`, v1.35.4. */
export const nodeVolumeLimits: FilterPlugin = {
  name,
  prepare: ({ state, pod }) => {
    if (pod.claims.length === 0) return "skip";
    const tooMany = state.rejections.idOf(name, "Unschedulable", "node(s) exceed max volume count");
    return {
      filter: (row) => {
        const csiNode = state.storage.csiNodes.get(state.nodes.names[row] ?? "");
        const wanted = new Map<string, string>();
        const missing = collectVolumes(state, pod, csiNode, wanted);
        if (missing !== undefined) {
          return state.rejections.idOf(
            name,
            "UnschedulableAndUnresolvable",
            `looking up PVC ${pod.namespace}/${missing}: persistentvolumeclaim "${missing}" not found`,
          );
        }
        const limits = limitsOf(csiNode);
        if (wanted.size === 0 || limits.size === 0) return 0;
        const attached = new Map<string, string>();
        for (const record of state.ledger.podsOn[row] ?? []) {
          if (record.claims.length > 0) collectVolumes(state, record, csiNode, attached);
        }
        const counts = new Map<string, number>();
        for (const [volume, driver] of attached) {
          wanted.delete(volume);
          counts.set(driver, (counts.get(driver) ?? 0) + 1);
        }
        for (const [volume, driver] of attachmentsOf(state, state.nodes.names[row] ?? "")) {
          if (!attached.has(volume)) counts.set(driver, (counts.get(driver) ?? 0) + 1);
        }
        const more = new Map<string, number>();
        for (const driver of wanted.values()) more.set(driver, (more.get(driver) ?? 0) + 1);
        for (const [driver, count] of more) {
          const limit = limits.get(driver);
          if (limit !== undefined && (counts.get(driver) ?? 0) + count > limit) return tooMany;
        }
        return 0;
      },
    };
  },
};

const limitsOf = (csiNode: CSINode | undefined): ReadonlyMap<string, number> => {
  const limits = new Map<string, number>();
  for (const { name: driver, allocatable } of csiNode?.spec.drivers ?? []) {
    if (allocatable?.count !== undefined) limits.set(driver, allocatable.count);
  }
  return limits;
};

/** Adds the pod's volumes with their drivers; returns the first claim that does not exist. */
const collectVolumes = (
  state: ClusterState,
  record: PodRecord,
  csiNode: CSINode | undefined,
  volumes: Map<string, string>,
): string | undefined => {
  let missing: string | undefined;
  for (const { claim } of record.claims) {
    const object = state.storage.claim(record.namespace, claim);
    if (object === undefined) {
      missing ??= claim;
      continue;
    }
    const [driver, handle] = driverAndHandle(state, object, csiNode);
    if (driver !== "" && handle !== "") volumes.set(`${driver}/${handle}`, driver);
  }
  return missing;
};

const driverAndHandle = (
  state: ClusterState,
  claim: PersistentVolumeClaim,
  csiNode: CSINode | undefined,
): readonly [string, string] => {
  const volume = state.storage.volumes.get(claim.spec.volumeName ?? "");
  if (volume !== undefined) return csiSource(volume, csiNode);
  const storageClass = state.storage.classes.get(classOfClaim(claim));
  if (storageClass === undefined) return ["", ""];
  // Upstream prefixes a random text; all that matters is that it is no real handle.
  const handle = `\u0000${claim.metadata.namespace}/${claim.metadata.name}`;
  const migrated = migratedDriver(storageClass.provisioner);
  if (migrated === undefined) return [storageClass.provisioner, handle];
  return isMigrated(csiNode, storageClass.provisioner) ? [migrated, handle] : ["", ""];
};

const csiSource = (volume: PersistentVolume, csiNode: CSINode | undefined): readonly [string, string] => {
  const { csi, azureDisk } = volume.spec;
  if (csi !== undefined) return [csi.driver, csi.volumeHandle];
  if (azureDisk !== undefined && isMigrated(csiNode, AZURE_DISK)) {
    return ["disk.csi.azure.com", String(azureDisk["diskURI"] ?? "")];
  }
  return ["", ""];
};

const AZURE_DISK = "kubernetes.io/azure-disk";

/** CSI drivers that have taken over in-tree plugins. Source: csi-translation-lib v0.35. */
const migratedDriver = (provisioner: string): string | undefined => {
  switch (provisioner) {
    case AZURE_DISK:
      return "disk.csi.azure.com";
    case "kubernetes.io/azure-file":
      return "file.csi.azure.com";
    case "kubernetes.io/aws-ebs":
      return "ebs.csi.aws.com";
    case "kubernetes.io/gce-pd":
      return "pd.csi.storage.gke.io";
    case "kubernetes.io/cinder":
      return "cinder.csi.openstack.org";
    case "kubernetes.io/vsphere-volume":
      return "csi.vsphere.vmware.com";
    default:
      return undefined;
  }
};

const isMigrated = (csiNode: CSINode | undefined, plugin: string): boolean =>
  (csiNode?.metadata.annotations?.["storage.alpha.kubernetes.io/migrated-plugins"] ?? "").split(",").includes(plugin);

const attachmentsOf = (state: ClusterState, nodeName: string): ReadonlyMap<string, string> => {
  const volumes = new Map<string, string>();
  for (const { spec } of state.storage.attachments.values()) {
    if (spec.nodeName !== nodeName || !spec.attacher) continue;
    const csi = state.storage.volumes.get(spec.source?.persistentVolumeName ?? "")?.spec.csi;
    if (csi !== undefined) volumes.set(`${spec.attacher}/${csi.volumeHandle}`, spec.attacher);
  }
  return volumes;
};
