// Longer than most files: the table of fields takes most of it.
import { addressOf, type KubeObject } from "../../kubernetes/object.ts";
import { type Diagnostic, diagnostic } from "../../model/diagnostic.ts";

/** What a field must hold to be used; objects list only the fields that the scheduler reads. */
type FieldType =
  | "string"
  | "number"
  | "boolean"
  /** A quantity: text or a number. */
  | "amount"
  /** Text or a number by name. */
  | "amounts"
  /** Text by name. */
  | "texts"
  | "object"
  | { readonly list: FieldType }
  /** `needs` names fields without which the whole is of no use. */
  | { readonly fields: Readonly<Record<string, FieldType>>; readonly needs?: readonly string[] };

const selectorTerm: FieldType = {
  fields: { key: "string", operator: "string", values: { list: "string" } },
  needs: ["key", "operator"],
};
const labelSelector: FieldType = { fields: { matchLabels: "texts", matchExpressions: { list: selectorTerm } } };
const nodeTerm: FieldType = {
  fields: { matchExpressions: { list: selectorTerm }, matchFields: { list: selectorTerm } },
};
const podTerm: FieldType = {
  fields: {
    labelSelector,
    namespaceSelector: labelSelector,
    namespaces: { list: "string" },
    topologyKey: "string",
    matchLabelKeys: { list: "string" },
    mismatchLabelKeys: { list: "string" },
  },
  needs: ["topologyKey"],
};
const podTerms: FieldType = {
  fields: {
    requiredDuringSchedulingIgnoredDuringExecution: { list: podTerm },
    preferredDuringSchedulingIgnoredDuringExecution: {
      list: { fields: { weight: "number", podAffinityTerm: podTerm }, needs: ["weight", "podAffinityTerm"] },
    },
  },
};
const resources: FieldType = { fields: { requests: "amounts", limits: "amounts" } };
const containers: FieldType = {
  list: {
    fields: {
      name: "string",
      image: "string",
      restartPolicy: "string",
      resources,
      ports: {
        list: { fields: { hostPort: "number", containerPort: "number", hostIP: "string", protocol: "string" } },
      },
    },
  },
};
const toleration: FieldType = { fields: { key: "string", operator: "string", value: "string", effect: "string" } };
const metadata: FieldType = {
  fields: { labels: "texts", annotations: "texts", namespace: "string", ownerReferences: { list: "object" } },
};
const withSelector: FieldType = {
  fields: { metadata, spec: { fields: { selector: labelSelector } }, status: "object" },
};

const types: Readonly<Record<string, FieldType>> = {
  Node: {
    fields: {
      metadata,
      spec: {
        fields: {
          unschedulable: "boolean",
          taints: { list: { fields: { key: "string", value: "string", effect: "string" }, needs: ["key", "effect"] } },
        },
      },
      status: {
        fields: {
          allocatable: "amounts",
          capacity: "amounts",
          images: { list: { fields: { names: { list: "string" }, sizeBytes: "number" } } },
        },
      },
    },
  },
  Pod: {
    fields: {
      metadata,
      spec: {
        fields: {
          nodeName: "string",
          schedulerName: "string",
          nodeSelector: "texts",
          priority: "number",
          priorityClassName: "string",
          preemptionPolicy: "string",
          runtimeClassName: "string",
          hostNetwork: "boolean",
          containers,
          initContainers: containers,
          overhead: "amounts",
          resources,
          tolerations: { list: toleration },
          schedulingGates: { list: { fields: { name: "string" }, needs: ["name"] } },
          volumes: {
            list: {
              fields: {
                name: "string",
                persistentVolumeClaim: { fields: { claimName: "string" }, needs: ["claimName"] },
              },
            },
          },
          topologySpreadConstraints: {
            list: {
              fields: {
                maxSkew: "number",
                minDomains: "number",
                topologyKey: "string",
                whenUnsatisfiable: "string",
                labelSelector,
                matchLabelKeys: { list: "string" },
              },
              needs: ["maxSkew", "topologyKey", "whenUnsatisfiable"],
            },
          },
          affinity: {
            fields: {
              podAffinity: podTerms,
              podAntiAffinity: podTerms,
              nodeAffinity: {
                fields: {
                  requiredDuringSchedulingIgnoredDuringExecution: {
                    fields: { nodeSelectorTerms: { list: nodeTerm } },
                    needs: ["nodeSelectorTerms"],
                  },
                  preferredDuringSchedulingIgnoredDuringExecution: {
                    list: { fields: { weight: "number", preference: nodeTerm }, needs: ["weight", "preference"] },
                  },
                },
              },
            },
          },
        },
      },
      status: {
        fields: {
          phase: "string",
          startTime: "string",
          nominatedNodeName: "string",
          conditions: { list: "object" },
          containerStatuses: { list: "object" },
          initContainerStatuses: { list: "object" },
        },
      },
    },
  },
  PersistentVolumeClaim: {
    fields: {
      metadata,
      spec: {
        fields: {
          accessModes: { list: "string" },
          resources,
          storageClassName: "string",
          volumeName: "string",
          selector: labelSelector,
        },
      },
      status: "object",
    },
    needs: ["spec"],
  },
  PersistentVolume: {
    fields: {
      metadata,
      spec: {
        fields: {
          capacity: "amounts",
          accessModes: { list: "string" },
          claimRef: "object",
          csi: "object",
          nodeAffinity: {
            fields: { required: { fields: { nodeSelectorTerms: { list: nodeTerm } }, needs: ["nodeSelectorTerms"] } },
          },
        },
      },
      status: "object",
    },
    needs: ["spec"],
  },
  StorageClass: {
    fields: {
      metadata,
      provisioner: "string",
      volumeBindingMode: "string",
      parameters: "texts",
      allowedTopologies: {
        list: {
          fields: {
            matchLabelExpressions: {
              list: { fields: { key: "string", values: { list: "string" } }, needs: ["key", "values"] },
            },
          },
        },
      },
    },
  },
  CSINode: {
    fields: {
      metadata,
      spec: {
        fields: {
          drivers: {
            list: {
              fields: {
                name: "string",
                topologyKeys: { list: "string" },
                allocatable: { fields: { count: "number" } },
              },
              needs: ["name"],
            },
          },
        },
        needs: ["drivers"],
      },
    },
    needs: ["spec"],
  },
  Service: { fields: { metadata, spec: { fields: { selector: "texts" } } } },
  ReplicationController: { fields: { metadata, spec: { fields: { selector: "texts" } } } },
  ReplicaSet: withSelector,
  StatefulSet: withSelector,
  PodDisruptionBudget: withSelector,
  CSIDriver: { fields: { metadata, spec: "object" } },
  CSIStorageCapacity: {
    fields: { metadata, nodeTopology: labelSelector, capacity: "amount", maximumVolumeSize: "amount" },
  },
  VolumeAttachment: {
    fields: { metadata, spec: { fields: { attacher: "string", nodeName: "string", source: "object" } } },
  },
  PriorityClass: {
    fields: { metadata, value: "number", globalDefault: "boolean", preemptionPolicy: "string" },
    needs: ["value"],
  },
  RuntimeClass: {
    fields: {
      metadata,
      overhead: { fields: { podFixed: "amounts" } },
      scheduling: { fields: { nodeSelector: "texts", tolerations: { list: toleration } } },
    },
  },
  Namespace: { fields: { metadata } },
};

/** Leaves out every field whose value cannot be what the API wants there, and says so; undefined when nothing useful is left. */
export const withSoundFields = <T extends KubeObject>(object: T, diagnostics: Diagnostic[]): T | undefined => {
  const type = types[object.kind];
  if (type === undefined || isSound(object, type)) return object;
  const wrong: string[] = [];
  const sound = conform(object, type, "", wrong);
  if (wrong.length === 0) return sound as T | undefined;
  const subject = addressOf(object);
  const detail = `${subject}: ${wrong.slice(0, 5).join("; ")}${wrong.length > 5 ? `; ${wrong.length - 5} more` : ""}. These are left out; mend them.`;
  diagnostics.push(
    diagnostic({
      code: "AKS9604",
      severity: "error",
      summary: "A field does not hold what it should",
      detail,
      subject,
    }),
  );
  return sound as T | undefined;
};

/** Whether nothing in a value is wrong: the common case, decided without keeping track of where one is. */
const isSound = (value: unknown, type: FieldType): boolean => {
  switch (type) {
    case "string":
    case "number":
    case "boolean":
      return typeof value === type;
    case "amount":
      return typeof value === "string" || typeof value === "number";
    case "object":
      return isObject(value);
    case "texts":
    case "amounts": {
      if (!isObject(value)) return false;
      for (const key in value) if (!isSound(value[key], type === "texts" ? "string" : "amount")) return false;
      return true;
    }
    default:
      if ("list" in type) return Array.isArray(value) && value.every((each) => isSound(each, type.list));
      if (!isObject(value) || type.needs?.some((name) => value[name] === undefined) === true) return false;
      for (const name in value) {
        const field = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
        if (field !== undefined && value[name] !== undefined && !isSound(value[name], field)) return false;
      }
      return true;
  }
};

/** The value without its wrong parts; undefined when it is wrong altogether. Null counts as absent. */
const conform = (value: unknown, type: FieldType, path: string, wrong: string[]): unknown => {
  if (value === undefined || value === null) return undefined;
  const fail = (wanted: string): undefined => {
    wrong.push(`${path} is ${Array.isArray(value) ? "a list" : `a ${typeof value}`}, not ${wanted}`);
    return undefined;
  };
  switch (type) {
    case "string":
    case "number":
    case "boolean":
      return typeof value === type ? value : fail(`a ${type}`);
    case "amount":
      return typeof value === "string" || typeof value === "number" ? value : fail("a quantity");
    case "object":
      return isObject(value) ? value : fail("an object");
    case "texts":
    case "amounts":
      return isObject(value)
        ? entriesOf(value, type === "texts" ? "string" : "amount", path, wrong)
        : fail("an object");
    default:
      if ("list" in type) return Array.isArray(value) ? listOf(value, type.list, path, wrong) : fail("a list");
      return isObject(value) ? fieldsOf(value, type, path, wrong) : fail("an object");
  }
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const entriesOf = (
  value: Readonly<Record<string, unknown>>,
  type: FieldType,
  path: string,
  wrong: string[],
): object => {
  const before = wrong.length;
  const entries = Object.entries(value).filter(
    ([key, each]) => conform(each, type, `${path}[${key}]`, wrong) !== undefined,
  );
  return wrong.length === before && entries.length === Object.keys(value).length ? value : Object.fromEntries(entries);
};

const listOf = (value: readonly unknown[], type: FieldType, path: string, wrong: string[]): readonly unknown[] => {
  const items = value.map((each, i) => conform(each, type, `${path}[${i}]`, wrong));
  return items.every((each, i) => each === value[i]) ? value : items.filter((each) => each !== undefined);
};

const fieldsOf = (
  value: Readonly<Record<string, unknown>>,
  { fields, needs = [] }: Extract<FieldType, { readonly fields: unknown }>,
  path: string,
  wrong: string[],
): object | undefined => {
  let changed: Record<string, unknown> | undefined;
  for (const [name, type] of Object.entries(fields)) {
    const given = value[name];
    if (given === undefined) continue;
    const sound = conform(given, type, path === "" ? name : `${path}.${name}`, wrong);
    if (sound === given) continue;
    changed ??= { ...value };
    if (sound === undefined) delete changed[name];
    else changed[name] = sound;
  }
  const result = changed ?? value;
  const missing = needs.find((name) => result[name] === undefined);
  if (missing === undefined) return result;
  wrong.push(`${path === "" ? "it" : path} lacks ${missing}`);
  return undefined;
};
