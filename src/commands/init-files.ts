/** What `aks-twin init` writes: texts with the version filled in. */

/** Where the JSON Schema of the configuration stands, for editors with the YAML language server. */
const schemaAddress = (version: string): string => `https://unpkg.com/aks-twin@${version}/schemas/aks-twin.schema.json`;

export const configurationText = (version: string): string => `# yaml-language-server: $schema=${schemaAddress(version)}
# What the Terraform and the manifests cannot say. Every key is optional; \`aks-twin review --show-config\` says what holds.

# Kubernetes manifests, relative to this file. Without it: k8s/, manifests/ and deploy/ in the reviewed folder.
# manifests: [k8s]

# Where the configuration makes several clusters: the manifests of each, by its address or name.
# clusters:
#   azurerm_kubernetes_cluster.blue: k8s/blue

# Subnets that the configuration only names, and ranges that it reaches by a peering or a gateway which it does not show.
# subnets:
#   snet-aks: { prefix: 10.1.0.0/22, used: 40 }
# peeredRanges: [10.0.0.0/16]

# Variable files beside terraform.tfvars and *.auto.tfvars.
# variableFiles: [environments/prod.tfvars]

# Values of data sources, {"data.TYPE.NAME": {...}}.
# mocks: mocks.json

# How much of its requests each workload uses, from the quietest to the busiest hour: what the autoscalers answer to.
# Without it, every workload is taken to use what it requests.
# load:
#   default: { low: 0.2, high: 0.6 }
#   workloads:
#     Deployment/shop/web: { low: 0.2, high: 2.7 }

# The subscription's own VM sizes and quotas: az vm list-skus -l LOCATION -o json, az vm list-usage -l LOCATION -o json.
# skus: skus.json
# usage: usage.json

# The review exits with 2 from this severity on: error, warning or info.
failOn: error

# Severity of a rule, or off; \`aks-twin explain\` lists them.
# rules:
#   AKS6003: warning

# Findings that are answered, each with its reason and, best, an end.
# suppress:
#   - code: AKS1001
#     subject: azurerm_subnet.nodes
#     reason: the subnet is replaced in the next quarter
#     expires: 2027-03-31

# Rules of your own over the predicted state, in CEL; see docs/policies.md.
# policies:
#   - code: ORG001
#     title: A pool keeps a fifth of its CPU free
#     severity: warning
#     each: pools
#     expression: item.predicted.cpuUse < 0.8
#     message: Raise max_count of the pool, or move workloads.
`;

/** A workflow of one host, below the repository's root. */
export interface WorkflowFile {
  readonly path: string;
  /** \`directory\` is the reviewed folder below the repository's root, \`.\` for the root itself. */
  readonly text: (version: string, directory: string) => string;
  /** What the user still has to do. */
  readonly next: string;
}

const githubWorkflow = (
  version: string,
  directory: string,
): string => `# What a pull request does to the cluster: as a comment, as code scanning alerts, and as a check.
name: aks-twin
on:
  pull_request:

permissions:
  contents: read
  pull-requests: write
  security-events: write

jobs:
  review:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - name: Review
        env:
          BASE_REF: origin/\${{ github.base_ref }}
        run: >-
          npx --yes aks-twin@${version} review ${shellWord(directory)} --base-ref "$BASE_REF"
          --format github --format markdown=aks-twin.md --format sarif=aks-twin.sarif --format html=aks-twin.html
      - name: Summary
        if: \${{ !cancelled() }}
        run: test ! -f aks-twin.md || cat aks-twin.md >> "$GITHUB_STEP_SUMMARY"
      # A pull request from a fork has no token that may write; its report is in the summary.
      - name: Comment
        if: \${{ !cancelled() && github.event.pull_request.head.repo.full_name == github.repository }}
        env:
          GITHUB_TOKEN: \${{ github.token }}
        run: test ! -f aks-twin.md || npx --yes aks-twin@${version} comment github aks-twin.md
      - name: Report
        if: \${{ !cancelled() }}
        uses: actions/upload-artifact@v4
        with:
          name: aks-twin
          path: aks-twin.*
          if-no-files-found: ignore
      # Needs code scanning, which private repositories have with GitHub Advanced Security only.
      - name: Code scanning
        if: \${{ !cancelled() && !github.event.repository.private && github.event.pull_request.head.repo.full_name == github.repository && hashFiles('aks-twin.sarif') != '' }}
        uses: github/codeql-action/upload-sarif@v3
        with:
          sarif_file: aks-twin.sarif
`;

const azureWorkflow = (
  version: string,
  directory: string,
): string => `# What a pull request does to the cluster: as a comment, as test results, and as a check.
# Add it as a pipeline and as build validation of the branch (Project settings, Repositories, Policies).
trigger: none

pool:
  vmImage: ubuntu-latest

steps:
  - checkout: self
    fetchDepth: 0
  - task: NodeTool@0
    inputs:
      versionSpec: 22.x
  - bash: >-
      npx --yes aks-twin@${version} review ${shellWord(directory)} --base-ref "origin/\${SYSTEM_PULLREQUEST_TARGETBRANCH#refs/heads/}"
      --format azure-devops --format markdown=aks-twin.md --format junit=aks-twin.xml --format html=aks-twin.html
    displayName: Review
  # The build service needs "Contribute to pull requests" on the repository.
  - bash: test ! -f aks-twin.md || npx --yes aks-twin@${version} comment azure-repos aks-twin.md
    displayName: Comment
    condition: and(not(canceled()), eq(variables['Build.Reason'], 'PullRequest'))
    env:
      SYSTEM_ACCESSTOKEN: $(System.AccessToken)
  - task: PublishTestResults@2
    condition: not(canceled())
    inputs:
      testResultsFormat: JUnit
      testResultsFiles: aks-twin.xml
      testRunTitle: aks-twin
  - bash: |
      mkdir -p "$(Build.ArtifactStagingDirectory)/aks-twin"
      cp aks-twin.* "$(Build.ArtifactStagingDirectory)/aks-twin/" || true
    displayName: Collect
    condition: not(canceled())
  - publish: $(Build.ArtifactStagingDirectory)/aks-twin
    artifact: aks-twin
    condition: not(canceled())
`;

const gitlabWorkflow = (
  version: string,
  directory: string,
): string => `# What a merge request does to the cluster: as a note, in the Code Quality widget, and as a check.
aks-twin:
  image: node:22
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  variables:
    GIT_DEPTH: "0"
  script:
    - >-
      npx --yes aks-twin@${version} review ${shellWord(directory)} --base-ref "$CI_MERGE_REQUEST_DIFF_BASE_SHA"
      --format text --format markdown=aks-twin.md --format code-quality=aks-twin.json --format junit=aks-twin.xml --format html=aks-twin.html
  after_script:
    # GITLAB_TOKEN: a project access token with scope api and role Reporter, as a masked variable.
    - if [ -n "$GITLAB_TOKEN" ] && [ -f aks-twin.md ]; then npx --yes aks-twin@${version} comment gitlab aks-twin.md; fi
  artifacts:
    when: always
    paths: [aks-twin.md, aks-twin.html]
    reports:
      codequality: aks-twin.json
      junit: aks-twin.xml
`;

const shellWord = (text: string): string => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

export const workflows: Readonly<Record<"github" | "azure" | "gitlab", WorkflowFile>> = {
  github: {
    path: ".github/workflows/aks-twin.yml",
    text: githubWorkflow,
    next: "Commit it; the next pull request is reviewed.",
  },
  azure: {
    path: "azure-pipelines-aks-twin.yml",
    text: azureWorkflow,
    next: "Add it as a pipeline and as build validation of the branch; see docs/ci.md.",
  },
  gitlab: {
    path: ".gitlab/aks-twin.yml",
    text: gitlabWorkflow,
    next: "Include it in .gitlab-ci.yml: include: [{ local: .gitlab/aks-twin.yml }], and set GITLAB_TOKEN; see docs/ci.md.",
  },
};
