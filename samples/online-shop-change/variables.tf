variable "subscription_id" {
  description = "Subscription that the platform lives in."
  type        = string
}

variable "location" {
  description = "Azure region with three availability zones."
  type        = string
  default     = "westeurope"
}

variable "environment" {
  description = "Short name of the environment, part of every resource's name."
  type        = string

  validation {
    condition     = contains(["dev", "test", "prod"], var.environment)
    error_message = "The environment is one of dev, test and prod."
  }
}

variable "kubernetes_version" {
  description = "Version of the control plane and of every pool."
  type        = string
  default     = "1.33"
}

variable "address_space" {
  description = "Address space of the virtual network; the subnets are cut out of it."
  type        = string
  default     = "10.20.0.0/20"
}

variable "admin_group_object_ids" {
  description = "Entra groups whose members administer the cluster."
  type        = list(string)
}

variable "node_pools" {
  description = "User pools by name."
  type = map(object({
    vm_size   = string
    min_count = number
    max_count = number
    max_pods  = optional(number, 30)
    spot      = optional(bool, false)
    labels    = optional(map(string), {})
  }))
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}
