import type { FilterPlugin } from "./framework.ts";
import { classOfClaim } from "./storage-state.ts";

const name = "VolumeZone";
const BETA_ZONE = "failure-domain.beta.kubernetes.io/zone";
const BETA_REGION = "failure-domain.beta.kubernetes.io/region";
const ZONE = "topology.kubernetes.io/zone";
const REGION = "topology.kubernetes.io/region";
const zoneLabels = [BETA_ZONE, BETA_REGION, ZONE, REGION];

/** A volume with zone labels goes to nodes of that zone. Source: `plugins/volumezone`, v1.35.4. */
export const volumeZone: FilterPlugin = {
  name,
  prepare: ({ state, pod }) => {
    const { storage } = state;
    const reject = (reason: string) => ({
      reject: state.rejections.idOf(name, "UnschedulableAndUnresolvable", reason),
    });
    const wanted: { readonly key: string; readonly values: ReadonlySet<string> }[] = [];
    for (const { claim, isEphemeral } of pod.claims) {
      if (isEphemeral) continue;
      if (claim === "") return reject("PersistentVolumeClaim had no name");
      const object = storage.claim(pod.namespace, claim);
      if (object === undefined) return reject(`persistentvolumeclaim "${claim}" not found`);
      const volumeName = object.spec.volumeName ?? "";
      if (volumeName === "") {
        const className = classOfClaim(object);
        if (className === "") return reject("PersistentVolumeClaim had no pv name and storageClass name");
        const storageClass = storage.classes.get(className);
        if (storageClass === undefined) return reject(`storageclass.storage.k8s.io "${className}" not found`);
        if ((storageClass.volumeBindingMode ?? "Immediate") === "WaitForFirstConsumer") continue;
        return reject("PersistentVolume had no name");
      }
      const volume = storage.volumes.get(volumeName);
      if (volume === undefined) return reject(`persistentvolume "${volumeName}" not found`);
      for (const key of zoneLabels) {
        const value = volume.metadata.labels?.[key];
        const values = value === undefined ? undefined : zonesOf(value);
        if (values !== undefined) wanted.push({ key, values });
      }
    }
    if (wanted.length === 0) return "skip";
    const rejection = state.rejections.idOf(
      name,
      "UnschedulableAndUnresolvable",
      "node(s) had no available volume zone",
    );
    return {
      filter: (row) => {
        const labels = state.nodes.labels[row] ?? {};
        if (!zoneLabels.some((key) => Object.hasOwn(labels, key))) return 0;
        return wanted.every(({ key, values }) => values.has(labels[key] ?? labels[modern(key)] ?? "\u0000"))
          ? 0
          : rejection;
      },
    };
  },
};

/** Zones joined by `__`, none of them empty; undefined otherwise. Source: cloud-provider v0.35 `volume/helpers` (LabelZonesToSet). */
const zonesOf = (label: string): ReadonlySet<string> | undefined => {
  const zones = label.split("__").map((zone) => zone.trim());
  return zones.includes("") ? undefined : new Set(zones);
};

const modern = (key: string): string => (key === BETA_ZONE ? ZONE : key === BETA_REGION ? REGION : key);
