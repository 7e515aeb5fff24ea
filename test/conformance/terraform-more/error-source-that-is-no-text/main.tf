terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
    helm = { source = var.nope, version = "~> 2.0" }
    tls = { source = "hashicorp/tls" }
    time = { source = "hashicorp/time" }
    local = { source = "hashicorp/local" }
    null = { source = "hashicorp/null" }
    azuread = { source = "hashicorp/azuread" }
  }
}
provider "kubernetes" { host = "https://x" }
provider "helm" {
  kubernetes { host = "https://x" }
}
resource "kubernetes_namespace_v1" "n" {
  metadata { name = "n2" }
}
resource "kubernetes_deployment_v1" "d" {
  metadata {
    name      = "d"
    namespace = kubernetes_namespace_v1.n.metadata[0].name
    labels    = { app = "d" }
  }
  spec {
    replicas = 3
    selector { match_labels = { app = "d" } }
    template {
      metadata { labels = { app = "d" } }
      spec {
        container {
          name  = "c"
          image = "j"
          resources {
            requests = { cpu = "100m" }
          }
          env {
            name = "A"
            value = "c"
          }
          port { container_port = 80 }
        }
        toleration {
          key = "x"
          operator = "Exists"
        }
      }
    }
  }
}
resource "kubernetes_manifest" "m" {
  manifest = {
    apiVersion = "v1"
    kind = "ConfigMap"
    metadata = { name = "x", namespace = "default" }
    data = { a = "c" }
  }
}
resource "helm_release" "h" {
  name  = "h"
  chart = "c"
  set {
    name  = "a"
    value = "c"
  }
  set_sensitive {
    name = "s"
    value = "t"
  }
  values = [yamlencode({ a = 1 })]
}
resource "tls_private_key" "k" { algorithm = "RSA" }
resource "time_sleep" "s" { create_duration = "20s" }
resource "local_file" "f" {
  filename = "x"
  content  = tls_private_key.k.public_key_openssh
}
resource "null_resource" "n" {
  triggers = { a = tls_private_key.k.id }
  provisioner "local-exec" { command = "echo ${self.id}" }
}
resource "azuread_application" "a" {
  display_name = "a"
  web {
    redirect_uris = ["https://x/"]
  }
}
resource "azuread_group" "g" {
  display_name = "h"
  security_enabled = true
}
output "x" { value = kubernetes_deployment_v1.d.spec[0].template[0].spec[0].container[0].image }
