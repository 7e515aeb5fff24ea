import type { Pod } from "../../kubernetes/pod.ts";
import type { FilterPlugin } from "./framework.ts";
import type { PodRecord } from "./pod-record.ts";

const name = "VolumeRestrictions";
const RWOP =
  "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod";

/** Claims for one pod only must be free, and some inline disks cannot be shared on a node. Source: `plugins/volumerestrictions`, v1.35.4. */
export const volumeRestrictions: FilterPlugin = {
  name,
  prepare: ({ state, pod }) => {
    if (!pod.hasVolumes) return "skip";
    const exclusive = new Set<string>();
    for (const { claim, isEphemeral } of pod.claims) {
      if (isEphemeral) continue;
      const object = state.storage.claim(pod.namespace, claim);
      if (object === undefined) {
        return {
          reject: state.rejections.idOf(
            name,
            "UnschedulableAndUnresolvable",
            `persistentvolumeclaim "${claim}" not found`,
          ),
        };
      }
      if (object.spec.accessModes?.includes("ReadWriteOncePod") === true) exclusive.add(claim);
    }
    const usesOf = (record: PodRecord) =>
      record.claims.filter(({ claim, isEphemeral }) => !isEphemeral && exclusive.has(claim)).length;
    let conflicts = 0;
    for (const claim of exclusive) if (state.isClaimUsed(pod.namespace, claim)) conflicts++;
    const inline = inlineDisks(pod.pod);
    if (inline.length === 0 && conflicts === 0) return "skip";
    const diskConflict = state.rejections.idOf(name, "Unschedulable", "node(s) had no available disk");
    const inUse = state.rejections.idOf(name, "Unschedulable", RWOP);
    return {
      filter: (row) => {
        if (inline.length > 0) {
          const present = (state.ledger.podsOn[row] ?? []).flatMap((record) =>
            record.hasVolumes ? inlineDisks(record.pod) : [],
          );
          if (inline.some((disk) => present.some((other) => conflict(disk, other)))) return diskConflict;
        }
        return conflicts > 0 ? inUse : 0;
      },
      // Upstream compares claim names only, whatever the namespace.
      podChanged: (record, _row, by) => {
        conflicts += by * usesOf(record);
      },
    };
  },
};

interface InlineDisk {
  readonly source: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const sources = ["gcePersistentDisk", "awsElasticBlockStore", "iscsi", "rbd"];

const inlineDisks = (pod: Pod): readonly InlineDisk[] =>
  (pod.spec.volumes ?? []).flatMap((volume) =>
    sources.flatMap((source) => {
      const fields = (volume as unknown as Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>)[
        source
      ];
      return fields === undefined ? [] : [{ source, fields }];
    }),
  );

const conflict = (a: InlineDisk, b: InlineDisk): boolean => {
  if (a.source !== b.source) return false;
  const bothReadOnly = a.fields["readOnly"] === true && b.fields["readOnly"] === true;
  switch (a.source) {
    case "gcePersistentDisk":
      return a.fields["pdName"] === b.fields["pdName"] && !bothReadOnly;
    case "awsElasticBlockStore":
      return a.fields["volumeID"] === b.fields["volumeID"];
    case "iscsi":
      return a.fields["iqn"] === b.fields["iqn"] && !bothReadOnly;
    default: {
      const monitors = (disk: InlineDisk) => (disk.fields["monitors"] ?? []) as readonly unknown[];
      const same = (field: string, fallback: string | undefined) =>
        (a.fields[field] ?? fallback) === (b.fields[field] ?? fallback);
      return (
        monitors(a).some((monitor) => monitors(b).includes(monitor)) &&
        same("pool", "rbd") &&
        same("image", undefined) &&
        !bothReadOnly
      );
    }
  }
};
