import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { listAt, objectAt, objectsAt, textAt } from "../fields.ts";
import { invalid, type Problems, required, tooLong } from "./field-problem.ts";
import { dns1035Label, dnsLabel, dnsSubdomain, labelKey, labelValueProblems, pathSegment } from "./names.ts";

type NameRule = (name: string) => readonly string[];

/** Kinds whose names follow other rules than those of a DNS subdomain. */
const nameRules: Readonly<Record<string, NameRule>> = {
  "/Service": dns1035Label,
  "/Namespace": dnsLabel,
  "rbac.authorization.k8s.io/Role": pathSegment,
  "rbac.authorization.k8s.io/ClusterRole": pathSegment,
  "rbac.authorization.k8s.io/RoleBinding": pathSegment,
  "rbac.authorization.k8s.io/ClusterRoleBinding": pathSegment,
};

const standardFinalizers = new Set(["kubernetes", "orphan", "foregroundDeletion"]);
const annotationsLimit = 256 * 1024;

/** Checks metadata as every kind has it (apimachinery pkg/api/validation/objectmeta.go, v0.35). */
export const validateMetadata = (key: string, object: JsonObject): Problems => {
  const metadata = objectAt(object, "metadata");
  const name = textAt(metadata, "name");
  const rule = nameRules[key] ?? dnsSubdomain;
  return [
    ...(name === ""
      ? [required("metadata.name", "name or generateName is required")]
      : rule(name).map((text) => invalid("metadata.name", name, text))),
    ...validateLabels("metadata.labels", metadata["labels"]),
    ...validateAnnotations("metadata.annotations", metadata["annotations"]),
    ...validateOwners(metadata),
    ...validateFinalizers(metadata),
  ];
};

/** Keys and values of labels. */
export const validateLabels = (field: string, labels: Json | undefined): Problems =>
  Object.entries(objectAt(labels)).flatMap(([key, value]) => [
    ...labelKey(key).map((text) => invalid(field, key, text)),
    ...labelValueProblems(String(value)).map((text) => invalid(field, value, text)),
  ]);

export const validateAnnotations = (field: string, annotations: Json | undefined): Problems => {
  const entries = Object.entries(objectAt(annotations));
  const size = entries.reduce((total, [key, value]) => total + key.length + String(value).length, 0);
  return [
    ...entries.flatMap(([key]) => labelKey(key.toLowerCase()).map((text) => invalid(field, key, text))),
    ...(size > annotationsLimit ? [tooLong(field, annotationsLimit)] : []),
  ];
};

/** The metadata of a template. */
export const validateTemplateMetadata = (field: string, template: JsonObject): Problems => {
  const metadata = objectAt(template, "metadata");
  return [
    ...validateLabels(`${field}.labels`, metadata["labels"]),
    ...validateAnnotations(`${field}.annotations`, metadata["annotations"]),
  ];
};

const validateOwners = (metadata: JsonObject): Problems => {
  const field = "metadata.ownerReferences";
  const controllers = objectsAt(metadata, "ownerReferences").filter((owner) => owner["controller"] === true);
  return [
    ...objectsAt(metadata, "ownerReferences").flatMap((owner) =>
      (["apiVersion", "kind", "name", "uid"] as const)
        .filter((part) => textAt(owner, part) === "")
        .map((part) =>
          invalid(
            `${field}.${part}`,
            part === "apiVersion" ? "" : "",
            part === "apiVersion" ? "version must not be empty" : "must not be empty",
          ),
        ),
    ),
    ...(controllers.length > 1
      ? [
          invalid(
            field,
            listAt(metadata, "ownerReferences") as Json,
            `Only one reference can have Controller set to true. Found "true" in references for ${controllers.map((owner) => `${textAt(owner, "kind")}/${textAt(owner, "name")}`).join(" and ")}`,
          ),
        ]
      : []),
  ];
};

const validateFinalizers = (metadata: JsonObject): Problems =>
  listAt(metadata, "finalizers").flatMap((given, index) => {
    const name = String(given);
    const problems = labelKey(name).map((text) => invalid("metadata.finalizers", name, text));
    const isBare = !name.includes("/") && !standardFinalizers.has(name);
    return isBare
      ? [
          ...problems,
          invalid(
            `metadata.finalizers[${index}]`,
            name,
            "name is neither a standard finalizer name nor is it fully qualified",
          ),
        ]
      : problems;
  });

/** A label selector: keys, operators and their values (apimachinery pkg/apis/meta/v1/validation). */
export const validateSelector = (field: string, selector: Json | undefined): Problems => {
  if (!isJsonObject(selector)) return [];
  return [
    ...validateLabels(`${field}.matchLabels`, selector["matchLabels"]),
    ...objectsAt(selector, "matchExpressions").flatMap((term, index) => {
      const at = `${field}.matchExpressions[${index}]`;
      const operator = textAt(term, "operator");
      const values = listAt(term, "values");
      const problems: Problems =
        operator === "In" || operator === "NotIn"
          ? values.length === 0
            ? [required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
            : []
          : operator === "Exists" || operator === "DoesNotExist"
            ? values.length > 0
              ? [
                  {
                    type: "FieldValueForbidden",
                    field: `${at}.values`,
                    message: "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
                  },
                ]
              : []
            : [invalid(`${at}.operator`, operator, "not a valid selector operator")];
      return [
        ...problems,
        ...labelKey(textAt(term, "key")).map((text) => invalid(`${at}.key`, textAt(term, "key"), text)),
        ...values.flatMap((value, place) =>
          labelValueProblems(String(value)).map((text) => invalid(`${at}.values[${place}]`, value, text)),
        ),
      ];
    }),
  ];
};
