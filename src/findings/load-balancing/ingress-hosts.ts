import type { Ingress } from "../../kubernetes/networking.ts";
import { addressOf, type SourcedObject } from "../../kubernetes/object.ts";
import { hasUnseenObjects } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const hostTwice: Rule = {
  code: "AKS3023",
  title: "Two Ingresses claim one host and path",
  severity: "warning",
  perCluster: true,
  explain: `One controller can serve a host and path for one Ingress only. The NGINX controllers refuse the second when it is made; others let the older one win.
What happens: 'admission webhook "validate.nginx.ingress.kubernetes.io" denied the request: host … and path … is already defined in ingress …', or traffic that goes to the wrong Service.
Mend: another host or path, or one Ingress.
Source: "Managed NGINX ingress with the application routing add-on"; ingress-nginx, validating admission webhook.`,
  *check(world) {
    const taken = new Map<string, SourcedObject>();
    for (const source of world.objects) {
      if (source.object.kind !== "Ingress") continue;
      const ingress = source.object as Ingress;
      const name =
        ingress.spec?.ingressClassName ?? ingress.metadata.annotations?.["kubernetes.io/ingress.class"] ?? "";
      // A canary shares its host and path with the main Ingress on purpose.
      if (ingress.metadata.annotations?.["nginx.ingress.kubernetes.io/canary"] === "true") continue;
      for (const [index, rule] of (ingress.spec?.rules ?? []).entries()) {
        for (const [at, path] of (rule.http?.paths ?? []).entries()) {
          const key = [name, rule.host ?? "*", path.path ?? "/", path.pathType ?? ""].join(" ");
          const other = taken.get(key);
          if (other === undefined) taken.set(key, source);
          else if (other !== source) {
            yield violation(hostTwice, {
              subject: addressOf(ingress),
              range: source.rangeAt(["spec", "rules", index, "http", "paths", at]),
              detail: `${addressOf(other.object)} and ${addressOf(ingress)} both claim host "${rule.host ?? "*"}", path "${path.path ?? "/"}": the second is refused or never reached. Change host or path.`,
              related: relatedTo(["the other Ingress", other.range]),
            });
          }
        }
      }
    }
  },
};

export const tlsSecret: Rule = {
  code: "AKS3024",
  title: "The Ingress's TLS secret is not in the input",
  severity: "info",
  perCluster: true,
  explain: `An Ingress serves HTTPS with the certificate of the Secret that it names, in its own namespace. Without it the controller serves its own self-signed certificate.
What happens: browsers warn of a wrong certificate.
Mend: the Secret (type kubernetes.io/tls), cert-manager's annotation, or a certificate of the Key Vault (kubernetes.azure.com/tls-cert-keyvault-uri).
Source: Kubernetes, "Ingress", TLS; "Set up a custom domain name and SSL certificate with the application routing add-on".`,
  *check(world) {
    if (hasUnseenObjects(world)) return;
    const secrets = new Set<string>(
      world.objects.flatMap(({ object }) =>
        object.kind === "Secret" || object.kind === "Certificate" || object.kind === "ExternalSecret"
          ? [`${object.metadata.namespace ?? "default"}/${secretName(object)}`]
          : [],
      ),
    );
    for (const source of world.objects) {
      if (source.object.kind !== "Ingress") continue;
      const ingress = source.object as Ingress;
      const annotations = Object.keys(ingress.metadata.annotations ?? {});
      if (annotations.some((name) => /cert-manager\.io|tls-cert-keyvault-uri|tls-acme/.test(name))) continue;
      for (const [index, tls] of (ingress.spec?.tls ?? []).entries()) {
        const key = `${ingress.metadata.namespace ?? "default"}/${tls.secretName}`;
        if (tls.secretName === undefined || tls.secretName.startsWith("keyvault-") || secrets.has(key)) continue;
        yield violation(tlsSecret, {
          subject: addressOf(ingress),
          range: source.rangeAt(["spec", "tls", index]),
          detail: `${addressOf(ingress)} serves ${(tls.hosts ?? []).join(", ") || "its hosts"} with Secret "${tls.secretName}", which the input does not have. If nothing else makes it, browsers get a self-signed certificate.`,
        });
      }
    }
  },
};

/** A Certificate or ExternalSecret makes the Secret that it names. */
const secretName = (object: SourcedObject["object"]): string => {
  const { spec } = object as typeof object & {
    readonly spec?: { readonly secretName?: string; readonly target?: { readonly name?: string } };
  };
  return spec?.secretName ?? spec?.target?.name ?? object.metadata.name;
};
