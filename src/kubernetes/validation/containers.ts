// Past 300 lines: one function a field of a container, in upstream's order, which is the order of the messages.
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { listAt, objectAt, objectsAt, textAt } from "../fields.ts";
import {
  duplicate,
  forbidden,
  inRange,
  invalid,
  nonNegative,
  notFound,
  notSupported,
  oneOf,
  type Problems,
  required,
} from "./field-problem.ts";
import { configMapKey, dnsLabel, labelKey, portName } from "./names.ts";
import { validateResources } from "./resources.ts";
import { security } from "./security.ts";

export interface ContainerContext {
  /** Names of the pod's volumes. */
  readonly volumes: ReadonlySet<string>;
  readonly claims: ReadonlySet<string>;
}

/** All containers of a pod (validateContainers and validateInitContainers, pkg/apis/core/validation, v1.35). */
export const validateContainers = (spec: JsonObject, field: string, context: ContainerContext): Problems => {
  const containers = objectsAt(spec, "containers");
  if (containers.length === 0) return [required(`${field}.containers`)];
  const problems: Problems[] = [];
  const names = new Set<string>();
  for (const [index, container] of containers.entries()) {
    const at = `${field}.containers[${index}]`;
    problems.push(common(container, at, context));
    const name = textAt(container, "name");
    if (name !== "" && names.has(name)) problems.push([duplicate(`${at}.name`, name)]);
    names.add(name);
    problems.push(
      lifecycle(container, at),
      probe(container, "livenessProbe", at, true),
      probe(container, "readinessProbe", at, false),
      probe(container, "startupProbe", at, true),
    );
    problems.push(restart(container, at));
  }
  problems.push(hostPorts(containers, `${field}.containers`));
  for (const [index, container] of objectsAt(spec, "initContainers").entries()) {
    const at = `${field}.initContainers[${index}]`;
    problems.push(common(container, at, context));
    const name = textAt(container, "name");
    if (name !== "" && names.has(name)) problems.push([duplicate(`${at}.name`, name)]);
    names.add(name);
    problems.push(restart(container, at));
    const isSidecar = textAt(container, "restartPolicy") === "Always";
    if (isSidecar) {
      problems.push(
        lifecycle(container, at),
        probe(container, "livenessProbe", at, true),
        probe(container, "readinessProbe", at, false),
        probe(container, "startupProbe", at, true),
      );
    } else {
      for (const what of ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]) {
        if (container[what] !== undefined)
          problems.push([
            forbidden(`${at}.${what}`, "may not be set for init containers without restartPolicy=Always"),
          ]);
      }
    }
    problems.push(hostPorts([container], at));
  }
  return problems.flat();
};

const restart = (container: JsonObject, at: string): Problems =>
  container["restartPolicy"] === undefined
    ? []
    : oneOf(`${at}.restartPolicy`, container["restartPolicy"], ["Always", "Never", "OnFailure"]);

const common = (container: JsonObject, at: string, context: ContainerContext): Problems => {
  const name = textAt(container, "name");
  const image = textAt(container, "image");
  const policy = container["terminationMessagePolicy"];
  return [
    ...(name === "" ? [required(`${at}.name`)] : dnsLabel(name).map((text) => invalid(`${at}.name`, name, text))),
    ...(image === ""
      ? [required(`${at}.image`)]
      : image.trim() === image
        ? []
        : [invalid(`${at}.image`, image, "must not have leading or trailing whitespace")]),
    ...(policy === undefined ? [] : oneOf(`${at}.terminationMessagePolicy`, policy, ["File", "FallbackToLogsOnError"])),
    ...ports(container, `${at}.ports`),
    ...environment(container, `${at}.env`),
    ...environmentFrom(container, `${at}.envFrom`),
    ...mounts(container, at, context),
    ...oneOf(`${at}.imagePullPolicy`, container["imagePullPolicy"] ?? "IfNotPresent", [
      "Always",
      "IfNotPresent",
      "Never",
    ]),
    ...claims(container, `${at}.resources.claims`, context),
    ...validateResources(`${at}.resources`, objectAt(container, "resources")),
    ...security(container, `${at}.securityContext`),
  ];
};

const claims = (container: JsonObject, at: string, context: ContainerContext): Problems => {
  const names = objectsAt(container, "resources", "claims").map((claim) => textAt(claim, "name"));
  const known = [...context.claims].sort();
  const where = known.length === 0 ? " which is empty" : `: ${known.join(", ")}`;
  return names.flatMap((name, index): Problems => {
    const place = `${at}[${index}]`;
    if (name === "") return [required(place)];
    const missing = notFound(place, name);
    return context.claims.has(name)
      ? []
      : [{ ...missing, message: `${missing.message}: must be one of the names in pod.spec.resourceClaims${where}` }];
  });
};

const ports = (container: JsonObject, at: string): Problems => {
  const names = new Set<string>();
  return objectsAt(container, "ports").flatMap((port, index) => {
    const place = `${at}[${index}]`;
    const name = textAt(port, "name");
    const number = Number(port["containerPort"] ?? 0);
    const host = Number(port["hostPort"] ?? 0);
    const problems: Problems[] = [];
    if (name !== "") {
      const bad = portName(name);
      if (bad.length > 0) problems.push(bad.map((text) => invalid(`${place}.name`, name, text)));
      else if (names.has(name)) problems.push([duplicate(`${place}.name`, name)]);
      names.add(name);
    }
    problems.push(
      number === 0 ? [required(`${place}.containerPort`)] : inRange(`${place}.containerPort`, number, 1, 65535),
    );
    if (host !== 0) problems.push(inRange(`${place}.hostPort`, host, 1, 65535));
    const protocol = textAt(port, "protocol");
    problems.push(
      protocol === "" ? [required(`${place}.protocol`)] : oneOf(`${place}.protocol`, protocol, ["SCTP", "TCP", "UDP"]),
    );
    return problems.flat();
  });
};

/** One address of the host serves one container port. */
const hostPorts = (containers: readonly JsonObject[], at: string): Problems => {
  const taken = new Set<string>();
  return containers.flatMap((container, index) =>
    objectsAt(container, "ports").flatMap((port, place) => {
      const host = Number(port["hostPort"] ?? 0);
      if (host === 0) return [];
      const key = `${textAt(port, "protocol")}/${textAt(port, "hostIP")}/${host}`;
      if (taken.has(key)) return [duplicate(`${at}[${index}].ports[${place}].hostPort`, key)];
      taken.add(key);
      return [];
    }),
  );
};

const knownFields = new Set([
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.restartPolicy",
  "spec.serviceAccountName",
  "spec.schedulerName",
  "status.phase",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
]);
const environmentFields = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];

/** A field of the pod that a variable or a file shows. */
export const fieldReference = (reference: JsonObject, at: string, supported: readonly string[]): Problems => {
  const path = textAt(reference, "fieldPath");
  if (textAt(reference, "apiVersion") === "") return [required(`${at}.apiVersion`)];
  if (path === "") return [required(`${at}.fieldPath`)];
  const subscript = /^(.*)\['?([^']*)'?\]$/.exec(path);
  if (subscript !== null) {
    const [, base = "", key = ""] = subscript;
    if (base === "metadata.labels" || base === "metadata.annotations")
      return labelKey(base === "metadata.annotations" ? key.toLowerCase() : key).map((text) => invalid(at, key, text));
    return [
      invalid(`${at}.fieldPath`, path, `error converting fieldPath: field label does not support subscript: ${path}`),
    ];
  }
  if (!knownFields.has(path))
    return [invalid(`${at}.fieldPath`, path, `error converting fieldPath: field label not supported: ${path}`)];
  return supported.includes(path) ? [] : [notSupported(`${at}.fieldPath`, path, [...supported].sort())];
};

const sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

const environment = (container: JsonObject, at: string): Problems =>
  objectsAt(container, "env").flatMap((variable, index) => {
    const place = `${at}[${index}]`;
    const name = textAt(variable, "name");
    const problems: Problems[] = [];
    if (name === "") problems.push([required(`${place}.name`)]);
    else if (!/^[ -<>-~]+$/.test(name)) {
      problems.push([
        invalid(
          `${place}.name`,
          name,
          "a valid environment variable name must consist only of printable ASCII characters other than '='",
        ),
      ]);
    }
    if (isJsonObject(variable["valueFrom"]))
      problems.push(valueFrom(variable, variable["valueFrom"], `${place}.valueFrom`));
    return problems.flat();
  });

const valueFrom = (variable: JsonObject, from: JsonObject, at: string): Problems => {
  const given = sources.filter((source) => isJsonObject(from[source]));
  const problems: Problems[] = given.map((source) => {
    const value = objectAt(from, source);
    const place = `${at}.${source}`;
    switch (source) {
      case "fieldRef":
        return fieldReference(value, place, environmentFields);
      case "resourceFieldRef":
        return resourceReference(value, place);
      default:
        return textAt(value, "key") === "" && source !== "fileKeyRef"
          ? [required(`${place}.key`)]
          : configMapKey(textAt(value, "key")).map((text) => invalid(`${place}.key`, textAt(value, "key"), text));
    }
  });
  if (textAt(variable, "value") !== "") {
    if (given.length > 0) problems.push([invalid(at, "", "may not be specified when `value` is not empty")]);
  } else if (given.length > 1) problems.push([invalid(at, "", "may not have more than one field specified at a time")]);
  if (given.length === 0) {
    problems.push([
      invalid(
        at,
        "",
        "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`",
      ),
    ]);
  }
  return problems.flat();
};

const resourceNames = [
  "limits.cpu",
  "limits.ephemeral-storage",
  "limits.memory",
  "requests.cpu",
  "requests.ephemeral-storage",
  "requests.memory",
];

const resourceReference = (value: JsonObject, at: string): Problems => {
  const resource = textAt(value, "resource");
  if (resource === "") return [required(`${at}.resource`)];
  return resourceNames.includes(resource) || /^(limits|requests)\.hugepages-/.test(resource)
    ? []
    : [notSupported(`${at}.resource`, resource, resourceNames)];
};

const environmentFrom = (container: JsonObject, at: string): Problems =>
  objectsAt(container, "envFrom").flatMap((from, index) => {
    const given = ["configMapRef", "secretRef"].filter((source) => isJsonObject(from[source]));
    const problems: Problems[] = given.map((source) =>
      textAt(from, source, "name") === "" ? [required(`${at}[${index}].${source}.name`)] : [],
    );
    // Upstream leaves the index out here.
    if (given.length === 0) problems.push([invalid(at, "", "must specify one of: `configMapRef` or `secretRef`")]);
    if (given.length > 1) problems.push([invalid(at, "", "may not have more than one field specified at a time")]);
    return problems.flat();
  });

const mounts = (container: JsonObject, at: string, context: ContainerContext): Problems => {
  const paths = new Set<string>();
  return objectsAt(container, "volumeMounts").flatMap((mount, index) => {
    const place = `${at}.volumeMounts[${index}]`;
    const [name, path] = [textAt(mount, "name"), textAt(mount, "mountPath")];
    const problems: Problems[] = [];
    if (name === "") problems.push([required(`${place}.name`)]);
    if (!context.volumes.has(name)) problems.push([notFound(`${place}.name`, name)]);
    if (path === "") problems.push([required(`${place}.mountPath`)]);
    if (paths.has(path)) problems.push([invalid(`${place}.mountPath`, path, "must be unique")]);
    paths.add(path);
    const [sub, expression] = [textAt(mount, "subPath"), textAt(mount, "subPathExpr")];
    // Upstream leaves the index out here.
    problems.push(descending(sub, `${at}.volumeMounts.subPath`));
    if (sub !== "" && expression !== "") {
      const text = "subPathExpr and subPath are mutually exclusive";
      problems.push([invalid(`${place}.subPathExpr`, expression, text)]);
    }
    problems.push(descending(expression, `${at}.volumeMounts.subPathExpr`));
    problems.push(propagation(container, mount, `${at}.volumeMounts.mountPropagation`));
    problems.push(recursiveReadOnly(mount, `${at}.volumeMounts.recursiveReadOnly`));
    return problems.flat();
  });
};

const descending = (path: string, at: string): Problems => [
  ...(path.startsWith("/") ? [invalid(at, path, "must be a relative path")] : []),
  ...(path.split("/").includes("..") ? [invalid(at, path, "must not contain '..'")] : []),
];

const propagation = (container: JsonObject, mount: JsonObject, at: string): Problems => {
  const given = mount["mountPropagation"];
  if (given === undefined) return [];
  const isPrivileged = objectAt(container, "securityContext")["privileged"] === true;
  return [
    ...oneOf(at, given, ["Bidirectional", "HostToContainer", "None"]),
    ...(given === "Bidirectional" && !isPrivileged
      ? [forbidden(at, "Bidirectional mount propagation is available only to privileged containers")]
      : []),
  ];
};

const recursiveReadOnly = (mount: JsonObject, at: string): Problems => {
  const { recursiveReadOnly: given, readOnly, mountPropagation } = mount;
  if (given === undefined || given === "Disabled") return [];
  if (given !== "Enabled" && given !== "IfPossible") return oneOf(at, given, ["Disabled", "Enabled", "IfPossible"]);
  const isShared = mountPropagation !== undefined && mountPropagation !== "None";
  return [
    ...(readOnly === true ? [] : [forbidden(at, "may only be specified when readOnly is true")]),
    ...(isShared ? [forbidden(at, "may only be specified when mountPropagation is None or not specified")] : []),
  ];
};

const handlers = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];

const handler = (given: JsonObject, at: string): Problems => {
  const present = handlers.filter((name) => isJsonObject(given[name]));
  if (present.length === 0) return [required(at, "must specify a handler type")];
  return present.flatMap((name, index) => {
    const place = `${at}.${name}`;
    if (index > 0) return [forbidden(place, "may not specify more than 1 handler type")];
    const value = objectAt(given, name);
    switch (name) {
      case "exec":
        return listAt(value, "command").length === 0 ? [required(`${place}.command`)] : [];
      case "httpGet":
        return [
          ...(textAt(value, "path") === "" ? [required(`${place}.path`)] : []),
          ...portOrName(value["port"], `${place}.port`),
          ...oneOf(`${place}.scheme`, value["scheme"] ?? "HTTP", ["HTTP", "HTTPS"]),
        ];
      case "tcpSocket":
        return portOrName(value["port"], `${place}.port`);
      case "grpc":
        return portOrName(value["port"], `${place}.port`);
      default:
        return [];
    }
  });
};

/** A port by number or by name. */
export const portOrName = (value: Json | undefined, at: string): Problems => {
  if (typeof value === "string") return portName(value).map((text) => invalid(at, value, text));
  return inRange(at, Number(value ?? 0), 1, 65535);
};

const probe = (container: JsonObject, name: string, at: string, mustSucceedOnce: boolean): Problems => {
  const given = container[name];
  if (!isJsonObject(given)) return [];
  const place = `${at}.${name}`;
  const threshold = given["successThreshold"];
  const grace = given["terminationGracePeriodSeconds"];
  return [
    ...handler(given, place),
    ...["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"].flatMap(
      (part) => nonNegative(`${place}.${part}`, given[part]),
    ),
    ...(typeof grace === "number" && grace <= 0
      ? [invalid(`${place}.terminationGracePeriodSeconds`, grace, "must be greater than 0")]
      : []),
    ...(name === "readinessProbe" && grace !== undefined
      ? [invalid(`${place}.terminationGracePeriodSeconds`, grace, "must not be set for readinessProbes")]
      : []),
    ...(mustSucceedOnce && typeof threshold === "number" && threshold !== 1
      ? [invalid(`${place}.successThreshold`, threshold, "must be 1")]
      : []),
  ];
};

const lifecycle = (container: JsonObject, at: string): Problems =>
  ["postStart", "preStop"].flatMap((hook) => {
    const given = objectAt(container, "lifecycle")[hook];
    return isJsonObject(given) ? handler(given, `${at}.lifecycle.${hook}`) : [];
  });
