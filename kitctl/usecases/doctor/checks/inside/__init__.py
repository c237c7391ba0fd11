"""What only a pod of the cluster can tell: whether servers answer, with the credentials of the release."""
