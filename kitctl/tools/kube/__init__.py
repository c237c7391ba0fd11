"""The Kubernetes API: one client, its objects, and what a kubeconfig says."""
