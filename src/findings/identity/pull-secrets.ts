import { parseImage } from "../../graph/images.ts";
import { containersOf, workloadsOf } from "../../graph/pod-templates.ts";
import { addressOf } from "../../kubernetes/object.ts";
import { counted, onlyCluster } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

const pullTypes: readonly string[] = ["kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"];

export const pullSecretType: Rule = {
  code: "AKS5022",
  title: "Pull secret is of the wrong type or in another namespace",
  severity: "error",
  perCluster: true,
  explain: `imagePullSecrets names Secrets of the pod's own namespace with type kubernetes.io/dockerconfigjson. Any other Secret is passed over without a word.
What happens: ErrImagePull, "pull access denied" or 401 Unauthorized.
Mend: kubectl create secret docker-registry in that namespace, or better a role for the kubelet's identity.
Source: Kubernetes, "Pull an Image from a Private Registry".`,
  *check(world) {
    const secrets = world.objects.filter(({ object }) => object.kind === "Secret");
    for (const workload of workloadsOf(world.objects)) {
      for (const [index, { name }] of (workload.spec.imagePullSecrets ?? []).entries()) {
        const named = secrets.filter(({ object }) => object.metadata.name === name);
        const own = named.find(({ object }) => (object.metadata.namespace ?? "default") === workload.namespace);
        const [elsewhere] = named;
        const type = own === undefined ? undefined : ((own.object as { readonly type?: string }).type ?? "Opaque");
        if (elsewhere === undefined || (type !== undefined && pullTypes.includes(type))) continue;
        yield violation(pullSecretType, {
          subject: workload.address,
          range: workload.rangeAt(["imagePullSecrets", index]),
          detail:
            own === undefined
              ? `${workload.address} pulls with Secret "${name}", which is in namespace "${elsewhere.object.metadata.namespace ?? "default"}", not in "${workload.namespace}": it is not found and pulls fail. Make it in the pod's namespace.`
              : `${workload.address} pulls with Secret "${name}" of type ${type}, which pulls do not use. Make it with type kubernetes.io/dockerconfigjson.`,
          related: relatedTo([addressOf((own ?? elsewhere).object), (own ?? elsewhere).range]),
        });
      }
    }
  },
};

/** Anonymous pulls that Docker Hub serves one address in six hours ("Docker Hub usage and limits", long-standing figure). */
const anonymousPulls = 100;

export const anonymousLimit: Rule = {
  code: "AKS5023",
  title: "Anonymous pulls from Docker Hub may reach their limit",
  severity: "info",
  perCluster: true,
  explain: `All nodes of a cluster leave through few addresses, and Docker Hub counts anonymous pulls by address: about 100 in six hours. Each node pulls each image once, and again after it is renewed.
What happens: ErrImagePull, "429 Too Many Requests … toomanyrequests: You have reached your pull rate limit", after a scale-up or an upgrade.
Mend: import the images into your own registry (az acr import), its cache rules, or a pull secret.
Source: Docker, "Docker Hub usage and limits"; "Artifact cache in Azure Container Registry".`,
  *check(world) {
    const cluster = onlyCluster(world);
    const prediction = world.predictions.find((candidate) => candidate.cluster === cluster?.address);
    if (cluster === undefined || prediction === undefined) return;
    const images = new Set<string>();
    for (const { spec } of workloadsOf(world.objects)) {
      if ((spec.imagePullSecrets ?? []).length > 0) continue;
      for (const { container } of containersOf(spec)) {
        if (container.image !== undefined && parseImage(container.image).registry === "docker.io")
          images.add(container.image);
      }
    }
    const nodes = prediction.nodes.length;
    if (images.size * nodes <= anonymousPulls) return;
    yield violation(anonymousLimit, {
      subject: cluster.address,
      range: cluster.range,
      detail: `${counted(images.size, "image")} come from Docker Hub without a pull secret, and ${counted(nodes, "node")} may pull each: ${images.size * nodes} pulls against about ${anonymousPulls} in six hours for one address. Import them into your registry or use a pull secret.`,
      evidence: { images: images.size, nodes, pulls: images.size * nodes, limit: anonymousPulls },
    });
  },
};
