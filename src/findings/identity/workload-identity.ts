import { identityOfClientId } from "../../azure/client-id.ts";
import type { FederatedCredential } from "../../azure/platform.ts";
import { clusterLimits } from "../../azure/service-limits.ts";
import { workloadsOf } from "../../graph/pod-templates.ts";
import { resolve } from "../../graph/resolve.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { nameOf, onlyCluster } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import {
  accountsOnCluster,
  clientIdAnnotation,
  credentialsOf,
  identityAccounts,
  tokenAudience,
  useLabel,
} from "./workload-accounts.ts";

const source = `Source: "Use Microsoft Entra Workload ID with AKS", overview and troubleshooting.`;

export const federatedSubject: Rule = {
  code: "AKS5009",
  title: "No federated credential trusts the service account",
  severity: "error",
  perCluster: true,
  explain: `A pod exchanges its service account's token for one of a managed identity. Entra ID compares three texts with the identity's federated credentials,
letter by letter: issuer (the cluster's oidc_issuer_url), subject (system:serviceaccount:<namespace>:<name>) and audience (api://AzureADTokenExchange). A renamed
namespace or service account breaks it, as does a cluster made anew.
What happens: AADSTS700213, "no matching federated identity record found for presented assertion subject", in the pod.
Mend: correct subject or audience of azurerm_federated_identity_credential, or rename the service account back.
${source}`,
  *check(world) {
    const found = accountsOnCluster(world);
    if (found === undefined) return;
    const credentials = credentialsOf(world, found.cluster);
    // Where the configuration holds no credential for the cluster, they are made elsewhere.
    if (credentials.length === 0 || credentials.some(({ subject }) => known(subject) === undefined)) return;
    for (const account of found.accounts) {
      const own = credentials.filter((credential) => known(credential.subject) === account.subject);
      const [credential] = own;
      if (credential === undefined) {
        const near = nearest(account.subject, credentials);
        yield violation(federatedSubject, {
          subject: account.address,
          range: account.source.rangeAt(["metadata", "name"]),
          // Without one that comes near, the credential may be made elsewhere.
          severity: near === undefined ? "warning" : "error",
          detail: `No federated credential has the subject "${account.subject}"${near === undefined ? "" : `; "${nameOf(near)}" has "${known(near.subject)}"`}: pods of this service account get AADSTS700213 instead of a token. Correct the subject or the service account's name.`,
          evidence: { expectedSubject: account.subject, workloads: account.workloads.length },
          related: relatedTo(["the nearest credential", near?.rangeAt("subject")]),
        });
      } else if (!own.some(({ audiences }) => audiences.length === 0 || audiences.includes(tokenAudience))) {
        yield violation(federatedSubject, {
          subject: credential.address,
          range: credential.rangeAt("audience"),
          summary: "Federated credential has the wrong audience",
          detail: `Federated credential "${nameOf(credential)}" has the audience ${credential.audiences.join(", ")}; tokens of AKS carry "${tokenAudience}": the exchange ends with AADSTS700212. Use audience = ["${tokenAudience}"].`,
        });
      } else {
        const asked = identityOfClientId(world.platform.identities, account.clientId);
        const owners = own.map(({ identity }) => resolve(world.platform.identities, identity));
        if (asked === undefined || owners.includes(undefined) || owners.includes(asked)) continue;
        yield violation(federatedSubject, {
          subject: account.address,
          range: account.source.rangeAt(["metadata", "annotations", clientIdAnnotation]),
          summary: "Service account and federated credential name different identities",
          detail: `${account.address} asks for identity "${nameOf(asked)}", but the credential for its subject, "${nameOf(credential)}", is of ${credential.identity.address ?? "another identity"}: pods of this service account get AADSTS700213 instead of a token. Correct the client id, or give the credential to that identity.`,
          related: relatedTo(["the credential", credential.range]),
        });
      }
    }
  },
};

/** The credential that was probably meant: one whose service account the manifests do not have, in the same namespace first. */
const nearest = (subject: string, credentials: readonly FederatedCredential[]): FederatedCredential | undefined => {
  const [, , namespace = "", name = ""] = subject.split(":");
  const scored = credentials.map((credential) => {
    const [, , theirs = "", other = ""] = (known(credential.subject) ?? "").split(":");
    const related =
      other.startsWith(name) || name.startsWith(other) ? 2 : other.toLowerCase() === name.toLowerCase() ? 2 : 0;
    return { credential, score: related + (theirs === namespace ? 1 : 0) };
  });
  return scored.filter(({ score }) => score >= 2).sort((a, b) => b.score - a.score)[0]?.credential;
};

export const podLabelMissing: Rule = {
  code: "AKS5010",
  title: "Pod template lacks the workload identity label",
  severity: "error",
  perCluster: true,
  explain: `The webhook of workload identity changes only pods with the label azure.workload.identity/use: "true" on the pod itself (the pod template, not the service
account, not the Deployment), and only when they are made.
What happens: the pod has no AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE and token, and its calls to Azure fail.
Mend: the label in spec.template.metadata.labels, as a text: "true".
${source}`,
  *check(world) {
    const found = accountsOnCluster(world);
    if (found === undefined || known(found.cluster.workloadIdentity) !== true) return;
    for (const account of found.accounts) {
      for (const workload of account.workloads) {
        if (workload.labels[useLabel] === "true") continue;
        yield violation(podLabelMissing, {
          subject: workload.address,
          range: workload.source.rangeAt([...workload.specPath.slice(0, -1), "metadata", "labels"]),
          detail: `${workload.address} runs as ${account.address}, which has a client id, but its pods lack the label ${useLabel}: "true": they get no token. Add it to the pod template's labels.`,
          related: relatedTo([
            "the service account",
            account.source.rangeAt(["metadata", "annotations", clientIdAnnotation]),
          ]),
        });
      }
    }
  },
};

export const workloadIdentityOff: Rule = {
  code: "AKS5016",
  title: "Workload identity is used but not switched on",
  severity: "error",
  perCluster: true,
  explain: `Workload identity needs oidc_issuer_enabled and workload_identity_enabled on the cluster. Without them there is no issuer to trust, and no webhook that gives
pods their token.
What happens: pods start without AZURE_* variables and their calls to Azure fail.
Mend: oidc_issuer_enabled = true and workload_identity_enabled = true.
${source}`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined || cluster.isData) return;
    if (isUnknown(cluster.workloadIdentity) || isUnknown(cluster.oidcIssuer)) return;
    const labelled = workloadsOf(world.objects).filter((workload) => workload.labels[useLabel] === "true");
    const accounts = identityAccounts(world).filter((account) => account.workloads.length > 0);
    const user = labelled[0]?.address ?? accounts[0]?.address;
    if (user === undefined || known(cluster.workloadIdentity) === true) return;
    yield violation(workloadIdentityOff, {
      subject: cluster.address,
      range: cluster.range,
      detail: `${user} relies on workload identity, but cluster "${nameOf(cluster)}" does not have workload_identity_enabled = true: its pods get no token. Set it, and oidc_issuer_enabled = true.`,
      evidence: { workloads: Math.max(labelled.length, accounts.length) },
    });
  },
};

export const credentialForm: Rule = {
  code: "AKS5017",
  title: "Federated credential cannot match any service account",
  severity: "error",
  explain: `The subject of a credential for AKS is system:serviceaccount:<namespace>:<name>, the issuer the cluster's oidc_issuer_url with its last slash. An identity has at
most 20 federated credentials.
What happens: AADSTS700213 or AADSTS700211 in the pod; the twenty-first credential is refused.
Mend: write the subject in full; take the issuer from azurerm_kubernetes_cluster.….oidc_issuer_url.
${source}`,
  *check(world) {
    const counts = new Map<string, FederatedCredential[]>();
    for (const credential of world.platform.federatedCredentials) {
      const owner = credential.identity.address;
      if (owner !== undefined) counts.set(owner, [...(counts.get(owner) ?? []), credential]);
      const subject = known(credential.subject);
      const issuer = known(credential.issuer);
      const isAks = credential.issuerCluster !== undefined || issuer?.includes("oic.prod-aks.azure.com") === true;
      if (isAks && subject !== undefined && !/^system:serviceaccount:[a-z0-9-]+:[a-z0-9.-]+$/.test(subject)) {
        yield violation(credentialForm, {
          subject: credential.address,
          range: credential.rangeAt("subject"),
          detail: `Federated credential "${nameOf(credential)}" has the subject "${subject}"; tokens of AKS carry system:serviceaccount:<namespace>:<name>. Write it in full.`,
        });
      }
      if (issuer?.includes("oic.prod-aks.azure.com") === true && !issuer.endsWith("/")) {
        yield violation(credentialForm, {
          subject: credential.address,
          range: credential.rangeAt("issuer"),
          summary: "Issuer of the federated credential lacks its last slash",
          detail: `Federated credential "${nameOf(credential)}" has the issuer "${issuer}"; the cluster's issuer ends with a slash and is compared letter by letter: AADSTS700211. Take oidc_issuer_url of the cluster.`,
        });
      }
    }
    for (const [owner, credentials] of counts) {
      const beyond = credentials[clusterLimits.federatedCredentialsPerIdentity];
      if (beyond === undefined) continue;
      yield violation(credentialForm, {
        subject: beyond.address,
        range: beyond.range,
        summary: "Too many federated credentials on one identity",
        detail: `Identity ${owner} has ${credentials.length} federated credentials; ${clusterLimits.federatedCredentialsPerIdentity} is the most. Use a second identity.`,
        evidence: { credentials: credentials.length, limit: clusterLimits.federatedCredentialsPerIdentity },
      });
    }
    yield* unusedCredentials(world);
  },
};

/** A credential for a service account that the manifests do not have, where they have others of its namespace. */
function* unusedCredentials(world: World) {
  const cluster = onlyCluster(world);
  if (cluster === undefined || [...federatedSubject.check(world)].length > 0) return;
  const namespaces = new Set(workloadsOf(world.objects).map(({ namespace }) => namespace));
  const accounts = new Set(
    world.objects.flatMap(({ object }) =>
      object.kind === "ServiceAccount" ? [`${object.metadata.namespace ?? "default"}:${object.metadata.name}`] : [],
    ),
  );
  for (const credential of credentialsOf(world, cluster)) {
    const [, , namespace = "", name = ""] = (known(credential.subject) ?? "").split(":");
    if (name === "" || !namespaces.has(namespace) || accounts.has(`${namespace}:${name}`)) continue;
    yield violation(credentialForm, {
      subject: credential.address,
      range: credential.rangeAt("subject"),
      severity: "info",
      summary: "No manifest has the service account of a federated credential",
      detail: `Federated credential "${nameOf(credential)}" trusts service account "${name}" in namespace "${namespace}", which the manifests do not have. If it is made elsewhere, nothing is wrong.`,
    });
  }
}
